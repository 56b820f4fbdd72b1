"""The photographs at the sizes that are asked for, as baseline JPEG and as progressive JPEG."""

import dataclasses
import math
import pathlib
import subprocess

import numpy
from PIL import Image, JpegImagePlugin

# A photograph that would have to grow by more on each side is left out: it has no such detail.
ENLARGED_MAX = 1.25
# One that is so little too large is cut instead of scaled: its pixels stay as they were.
CUT_MIN = 0.7
MCU = 16  # the places at which a JPEG can be cut without loss, whatever its chroma


@dataclasses.dataclass(frozen=True)
class PhotoSet:
    """A folder of photographs of about one size and of one coding."""

    megapixels: float
    coding: str
    folder: pathlib.Path

    def __str__(self):
        return f"{self.megapixels:g} MP {self.coding}"

    @property
    def paths(self):
        return sorted(self.folder.glob("*.jpg"))


def jpegtran(source, target, *flags):
    """Rewrites a JPEG without decoding its blocks, without its metadata."""
    command = ["jpegtran", "-copy", "none", *flags, "-outfile", target, source]
    subprocess.run(command, check=True)


def pixels(path):
    with Image.open(path) as picture:
        return numpy.asarray(picture.convert("RGB"))


def cut(source, target, size):
    """The middle of a photograph, from where a block begins."""
    with Image.open(source) as picture:
        left, top = ((whole - part) // 2 // MCU * MCU
                     for whole, part in zip(picture.size, size, strict=True))
    jpegtran(source, target, "-crop", f"{size[0]}x{size[1]}+{left}+{top}")


def scale(source, target, size):
    """The whole photograph at another size, with the chroma and the tables that it came with."""
    with Image.open(source) as picture:
        tables, sampling = picture.quantization, JpegImagePlugin.get_sampling(picture)
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.save(target, "JPEG", qtables=tables, subsampling=sampling)


def derive(source, target, megapixels):
    """Writes the photograph at that size; False if it is too small for it."""
    with Image.open(source) as picture:
        width, height = picture.size
    factor = math.sqrt(megapixels * 1e6 / (width * height))
    if factor > ENLARGED_MAX:
        return False
    size = round(width * factor), round(height * factor)
    (cut if CUT_MIN <= factor <= 1 else scale)(source, target, size)
    return True


def recode(source, baseline, progressive):
    """Both codings of one photograph, which must be the same pixels."""
    jpegtran(source, baseline)
    jpegtran(source, progressive, "-progressive")
    if not numpy.array_equal(pixels(baseline), pixels(progressive)):
        raise SystemExit(f"jpegtran has changed the pixels of {source}")
    for path, is_wanted in ((baseline, False), (progressive, True)):
        with Image.open(path) as picture:
            if bool(picture.info.get("progressive")) != is_wanted:
                raise SystemExit(f"{path} has the wrong coding")


def make(photos, folder, megapixels):
    """Both sets of one size; refuses when no photograph is large enough."""
    sets = []
    for coding in ("baseline", "progressive"):
        place = folder / f"{megapixels:g}-{coding}"
        place.mkdir()
        sets.append(PhotoSet(megapixels, coding, place))
    derived = folder / "derived.jpg"
    for source in sorted(photos.glob("*.jpg")):
        if derive(source, derived, megapixels):
            recode(derived, *(one.folder / source.name for one in sets))
    if not sets[0].paths:
        raise SystemExit(f"no photograph of {photos} is large enough for {megapixels:g} megapixels")
    return sets
