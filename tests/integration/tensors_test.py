"""dataset.tensor opened by numpy equals an independent computation; dataset.split likewise."""

import json
import pathlib
import tempfile
import unittest

import numpy
from PIL import Image

import system

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PHOTOS = sorted((system.SOURCE / "photos").glob("*.jpg"))


def normalised(picture):
    """What the tensor of a Pillow image should be, computed in double precision."""
    pixels = numpy.asarray(picture.convert("RGB"), dtype=numpy.float64) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1)


def part_of(name, seed, train, validation):
    """A name's part as docs/HANDLERS.md defines it."""
    bits = (1 << 64) - 1
    value = 0xcbf29ce484222325
    for byte in f"{seed}\0{name}".encode():
        value = (value ^ byte) * 0x100000001b3 & bits
    for factor in (0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53):
        value = (value ^ value >> 33) * factor & bits
    place = ((value ^ value >> 33) >> 11) / (1 << 53)
    if place < train:
        return "train"
    return "validation" if place < train + validation else "test"


class Tensors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = cls.enterClassContext(system.System(processes=1))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def tensor(self, file, **arguments):
        """What numpy reads from the .npy file of a picture, and the value."""
        arguments = {"mean": MEAN, "std": STD, **arguments}
        out = self.folder / "out.npy"
        answer = self.system.cli("submit", "dataset.tensor", json.dumps(arguments), "--file", file,
                                 "--wait", "--out", out)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        array = numpy.load(out, allow_pickle=False)
        out.unlink()
        self.assertEqual(array.dtype, numpy.float32)
        self.assertEqual(array.shape, (3, arguments["height"], arguments["width"]))
        self.assertTrue(array.flags["C_CONTIGUOUS"])
        return array

    def crop(self, photo):
        """A lossless crop of a photograph: no decoder may have its own mind about it."""
        path = self.folder / "crop.png"
        Image.open(photo).convert("RGB").crop((100, 200, 741, 679)).save(path, compress_level=1)
        return path

    def test_at_the_picture_s_own_size_it_is_the_computation_within_a_hundred_thousandth(self):
        for photo in PHOTOS:
            path = self.crop(photo)
            with Image.open(path) as picture:
                array = self.tensor(path, width=picture.width, height=picture.height, fit="fill")
                furthest = numpy.abs(array - normalised(picture)).max()
            self.assertLessEqual(furthest, 1e-5, photo.name)

    def test_a_resized_one_is_near_to_what_pillow_makes(self):
        """Both filter with Lanczos and round to whole levels, each in its own order: a level is
        0.017, so most are equal and the furthest is four levels off."""
        for photo in PHOTOS:
            path = self.crop(photo)
            with Image.open(path) as picture:
                small = picture.resize((224, 168), Image.Resampling.LANCZOS)
            apart = numpy.abs(self.tensor(path, width=224, height=168, fit="fill")
                              - normalised(small))
            print(f"against Pillow: mean {apart.mean():.4f}, largest {apart.max():.3f}")
            self.assertLessEqual(apart.mean(), 0.005)
            self.assertLessEqual(apart.max(), 0.07)

    def test_cover_cuts_the_centre_and_contain_frames_it_in_black(self):
        path = self.crop(PHOTOS[0])
        with Image.open(path) as picture:
            scaled = picture.resize((214, 160), Image.Resampling.LANCZOS)
            fitting = picture.resize((160, 120), Image.Resampling.LANCZOS)
        framed = Image.new("RGB", (160, 160))
        framed.paste(fitting, (0, 20))
        for fit, expected in (("cover", scaled.crop((27, 0, 187, 160))), ("contain", framed)):
            apart = numpy.abs(self.tensor(path, width=160, height=160, fit=fit)
                              - normalised(expected))
            self.assertLessEqual(apart.mean(), 0.01, fit)

    def test_split_is_what_the_page_defines(self):
        names = [f"holiday/photo-{number}.jpg" for number in range(1000)] + ["Grüße.png"]
        shares = {"train": 0.7, "validation": 0.2, "test": 0.1}
        answer = self.system.cli("submit", "dataset.split",
                                 json.dumps({"files": names, "seed": "2024", **shares}), "--wait")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        parts = {name: part_of(name, "2024", 0.7, 0.2) for name in names}
        self.assertEqual(json.loads(answer.stdout), {
            part: [name for name in names if parts[name] == part] for part in shares})


if __name__ == "__main__":
    system.main()
