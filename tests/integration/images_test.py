"""The main job on real photographs: 100 lossless crops, held against Pillow."""

import json
import math
import pathlib
import random
import statistics
import tempfile
import unittest

from PIL import Image, ImageChops

import system

WIDTH = 400
CROPS = 100


def crops(folder):
    """Lossless crops of the shipped photographs, the same ones each time."""
    chance = random.Random(2)
    photos = [Image.open(path).convert("RGB")
              for path in sorted((system.SOURCE / "photos").glob("*.jpg"))]
    for number in range(CROPS):
        photo = photos[number % len(photos)]
        width, height = chance.randint(500, 1600), chance.randint(300, 1600)
        left = chance.randint(0, photo.width - width)
        top = chance.randint(0, photo.height - height)
        photo.crop((left, top, left + width, top + height)).save(
            folder / f"crop-{number:03}.png", compress_level=1)


def psnr(one, other):
    """Peak signal-to-noise ratio in dB of two RGB images of one size."""
    histogram = ImageChops.difference(one, other).histogram()
    squares = sum(count * (value % 256) ** 2 for value, count in enumerate(histogram))
    mean = squares / (one.width * one.height * 3)
    return 999.0 if mean == 0 else 10 * math.log10(255 * 255 / mean)


class Photographs(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.system = self.enterContext(system.System(processes=2))

    def resize(self, *arguments):
        return self.system.cli("image", "resize", *arguments, timeout=120)

    def test_a_hundred_crops_are_as_good_as_pillow_makes_them(self):
        inputs, outputs = self.folder / "in", self.folder / "out"
        inputs.mkdir()
        crops(inputs)
        answer = self.resize(inputs, "--out-dir", outputs, "--width", WIDTH, "--format", "png")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        written = sorted(outputs.iterdir())
        self.assertEqual(len(written), CROPS)
        quality = []
        for path in written:
            source = Image.open(inputs / path.name)
            result = Image.open(path).convert("RGB")
            exact = source.height * WIDTH / source.width
            self.assertEqual(result.width, WIDTH)
            self.assertLessEqual(abs(result.height - exact), 1.0)
            quality.append(psnr(result, source.resize(result.size, Image.Resampling.LANCZOS)))
        print(f"PSNR against Pillow: lowest {min(quality):.1f} dB, median "
              f"{statistics.median(quality):.1f} dB")
        self.assertGreaterEqual(min(quality), 32.0)
        self.assertGreaterEqual(statistics.median(quality), 45.0)

    def test_the_shipped_photographs_fit_to_width_800_as_jpeg(self):
        photos = sorted((system.SOURCE / "photos").glob("*.jpg"))
        answer = self.resize(*photos, "--out-dir", self.folder / "out", "--json")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        rows = json.loads(answer.stdout)
        self.assertEqual(len(rows), len(photos))
        for path in (self.folder / "out").iterdir():
            with Image.open(path) as image:
                self.assertEqual((image.format, image.width), ("JPEG", 800))

    def test_two_inputs_of_one_name_give_two_results(self):
        photo = (system.SOURCE / "photos" / "friends_by_Aitzol_Berasategi.jpg").read_bytes()
        for name in ("a", "b"):
            (self.folder / name).mkdir()
            (self.folder / name / "same.jpg").write_bytes(photo)
        answer = self.resize(self.folder / "a" / "same.jpg", self.folder / "b" / "same.jpg",
                             "--out-dir", self.folder / "out")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual(len(list((self.folder / "out").iterdir())), 2)

    def test_one_bad_file_fails_alone_and_by_name(self):
        photo = system.SOURCE / "photos" / "friends_by_Aitzol_Berasategi.jpg"
        bad = self.folder / "notes.jpg"
        bad.write_text("this is a text file\n")
        answer = self.resize(photo, bad, "--out-dir", self.folder / "out")
        self.assertEqual(answer.returncode, 9)
        self.assertIn("notes.jpg", answer.stderr + answer.stdout)
        self.assertEqual(len(list((self.folder / "out").iterdir())), 1)


if __name__ == "__main__":
    system.main()
