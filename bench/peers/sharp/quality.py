"""How near a small picture is to the photograph scaled from all of its pixels."""

import io
import math

import numpy
from PIL import Image

# A picture this far from its photograph is another one.
WRONG_BELOW_DB = 25


def reference(photo, size):
    """The whole photograph, one Lanczos-3 over all of its pixels, channel by channel in floating
    point; like both engines in the space of the file's own values, not in linear light."""
    with Image.open(photo) as picture:
        channels = [channel.convert("F").resize(size, Image.Resampling.LANCZOS)
                    for channel in picture.convert("RGB").split()]
    return numpy.stack([numpy.asarray(channel) for channel in channels], axis=-1).clip(0, 255)


def decibels(exact, picture):
    """PSNR of a decoded picture against the reference of its size."""
    with Image.open(picture) as small:
        mean = numpy.square(numpy.asarray(small.convert("RGB"), dtype=float) - exact).mean()
    return math.inf if mean == 0 else 10 * math.log10(255 * 255 / mean)


def best_decibels(exact, quality):
    """What the reference itself keeps when it is saved at that quality: nobody comes far above."""
    file = io.BytesIO()
    Image.fromarray(exact.round().astype(numpy.uint8)).save(file, "JPEG", quality=quality)
    return decibels(exact, file)


def size_of(path):
    """Of a whole picture: a file that breaks off raises OSError."""
    with Image.open(path) as picture:
        picture.load()
        if picture.format != "JPEG":
            raise OSError(f"{path.name} is {picture.format}")
        return picture.size


def wanted_size(photo, width):
    with Image.open(photo) as picture:
        return width, round(picture.height * width / picture.width)


def judge(photo, ours, theirs, width, quality):
    """One row: both pictures of a photograph, and what is wrong with them if something is."""
    row = {"photo": photo.name, "wrong": None}
    try:
        sizes = [size_of(ours), size_of(theirs)]
    except OSError as failure:
        return row | {"wrong": str(failure)}
    wanted = wanted_size(photo, width)
    if sizes != [wanted, wanted]:
        return row | {"wrong": f"{sizes[0]} and {sizes[1]} instead of {wanted}"}
    exact = reference(photo, wanted)
    row |= {"penstock": decibels(exact, ours), "other": decibels(exact, theirs),
            "best": best_decibels(exact, quality)}
    row["difference"] = row["penstock"] - row["other"]
    if min(row["penstock"], row["other"]) < WRONG_BELOW_DB:
        row["wrong"] = f"{row['penstock']:.1f} and {row['other']:.1f} dB: another picture"
    return row
