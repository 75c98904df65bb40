"""Every file a visitor may upload is read as it looks, or refused in one plain sentence."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from dlcore.decoding.formats import FORMATS
from dlcore.decoding.images import SUFFIXES, ImageError, read_image
from dlcore.models import ZOO

# Pytest shows warnings that the product does not.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    red, green, blue = np.asarray(image)[y, x]
    return int(red), int(green), int(blue)


def far(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """The largest difference in any of red, green and blue."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def two_halves(left: str = "red", right: str = "blue", size: tuple[int, int] = (60, 40)) -> Image.Image:
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, size[0], size[1]))
    return image


def assert_refused(data: bytes, *words: str, **limits: int) -> None:
    with pytest.raises(ImageError) as caught:
        read_image(data, **limits)
    message = str(caught.value)
    assert "\n" not in message and ": " in message  # what happened and why: what to do
    for word in words:
        assert word in message


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_every_format_shows_the_same_image(format: str) -> None:
    if format == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    image = read_image(encoded(two_halves(), format))
    assert image.mode == "RGB" and image.size == (60, 40)
    assert far(colour(image, 8, 20), (255, 0, 0)) < 40
    assert far(colour(image, 52, 20), (0, 0, 255)) < 40


def test_exif_orientation_is_applied_and_metadata_is_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees to the right
    exif[0x010F] = "maker"
    image = read_image(encoded(two_halves(), "JPEG", exif=exif))
    assert image.size == (40, 60)
    assert colour(image, 20, 8)[0] > 200  # what was left is now the top
    assert not image.info and not image.getexif()


def test_cmyk_keeps_its_colours() -> None:
    for format in ("JPEG", "TIFF"):
        image = read_image(encoded(two_halves("yellow", "black").convert("CMYK"), format))
        assert far(colour(image, 8, 20), (255, 255, 0)) < 30
        assert max(colour(image, 52, 20)) < 30


def test_16_bit_grey_is_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(8, 0)
    for format in ("PNG", "TIFF"):
        values = np.asarray(read_image(encoded(Image.fromarray(ramp), format)))[0, :, 0]
        assert np.abs(values - np.arange(256.0)).max() <= 1


def test_float_and_32_bit_grey_are_scaled() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None].repeat(8, 0)
    for scale in (1, 255, 65535):
        values = np.asarray(read_image(encoded(Image.fromarray(ramp * scale), "TIFF")))[0, :, 0]
        assert np.abs(values - np.arange(256.0)).max() <= 1
    whole = Image.fromarray((ramp * 2_000_000).astype(np.int32))
    assert np.ptp(np.asarray(read_image(encoded(whole, "TIFF")))) == 255


def test_8_bit_values_in_a_16_bit_file_stay() -> None:
    values = np.arange(256, dtype=np.uint16)[None].repeat(8, 0)
    read = np.asarray(read_image(encoded(Image.fromarray(values), "TIFF")))[..., 0]
    assert (read == values).all()


def test_transparent_becomes_white() -> None:
    half = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    half.paste((200, 0, 0, 255), (20, 0, 40, 40))
    for format in ("PNG", "WEBP"):
        image = read_image(encoded(half, format, lossless=True))
        assert colour(image, 5, 5) == (255, 255, 255)
        assert colour(image, 35, 5) == (200, 0, 0)
    palette = encoded(two_halves().convert("P"), "GIF", transparency=0)
    assert read_image(palette).mode == "RGB"
    grey = Image.fromarray(np.full((8, 8), 7, np.uint16))
    assert colour(read_image(encoded(grey, "PNG", transparency=7)), 0, 0) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = read_image(encoded(two_halves("white", "black").convert(mode), "PNG"))
    assert colour(image, 8, 20) == (255, 255, 255) and colour(image, 52, 20) == (0, 0, 0)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_an_animation_shows_its_first_frame_unless_that_is_blank(format: str) -> None:
    first, second = two_halves("red", "white"), two_halves("black", "white")
    blank = Image.new("RGB", first.size, "white")
    animation = {"save_all": True, "duration": 50}
    image = read_image(encoded(first, format, append_images=[second], **animation))
    assert colour(image, 8, 20)[0] > 200
    image = read_image(encoded(blank, format, append_images=[first, second], **animation))
    assert max(colour(image, 8, 20)) < 40


def test_an_animation_is_searched_only_so_far() -> None:
    # Equal frames are merged when they are written: so each blank one gets its own shade.
    frames = [Image.new("L", (8, 8), 200 + k) for k in range(50)]
    frames.append(two_halves("black", "white", (8, 8)).convert("L"))
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.ptp(np.asarray(read_image(data))) == 0


def test_light_ink_on_a_transparent_ground_lies_on_black() -> None:
    ink = Image.new("LA", (40, 40), (255, 0))
    ink.paste((255, 255), (10, 10, 30, 30))
    for image in (ink, ink.convert("RGBA")):
        read = read_image(encoded(image, "PNG"))
        assert colour(read, 2, 2) == (0, 0, 0) and colour(read, 20, 20) == (255, 255, 255)
    values = np.full((8, 8), 60_000, np.uint16)
    values[2:6, 2:6] = 65_535
    read = read_image(encoded(Image.fromarray(values), "PNG", transparency=60_000))
    assert colour(read, 0, 0) == (0, 0, 0) and colour(read, 4, 4) == (255, 255, 255)
    nothing = Image.new("RGBA", (8, 8), (255, 255, 255, 0))
    assert colour(read_image(encoded(nothing, "PNG")), 4, 4) == (255, 255, 255)


@pytest.mark.parametrize("bits", range(8, 17))
def test_fewer_than_16_bits_in_a_16_bit_file_are_not_black(bits: int) -> None:
    values = np.linspace(0, 2**bits - 1, 256).astype(np.uint16)[None].repeat(8, 0)
    for format in ("PNG", "TIFF"):
        read = np.asarray(read_image(encoded(Image.fromarray(values), format)))[0, :, 0]
        assert np.abs(read - np.arange(256.0)).max() <= 1


@pytest.mark.parametrize("bits", [12, 14, 16])
def test_colours_of_fewer_than_16_bits_are_not_black(bits: int) -> None:
    values = np.linspace(0, 2**bits - 1, 256).astype(">u2")[:, None].repeat(3, 1)
    rows = b"\0" + values.tobytes()
    header = (256).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([16, 2, 0, 0, 0])
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    read = np.asarray(read_image(b"\x89PNG\r\n\x1a\n" + b"".join(parts)))[0]
    lost = 255 / (2 ** (bits - 8) - 1)  # Pillow keeps the upper eight bits of sixteen
    assert np.abs(read - np.arange(256.0)[:, None]).max() <= lost + 1 and read.max() == 255


def test_floats_are_scaled_by_their_own_range() -> None:
    ramp = np.linspace(-0.003, 0.012, 256, dtype=np.float32)[None].repeat(8, 0)
    ramp[0, 0], ramp[1, 1] = np.nan, np.inf
    read = np.asarray(read_image(encoded(Image.fromarray(ramp), "TIFF")))[4, :, 0]
    assert np.abs(read - np.arange(256.0)).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_an_image_is_reduced_while_it_is_decoded(mode: str) -> None:
    image = two_halves("white", "black", (600, 400))
    format = "TIFF" if mode in ("CMYK", "I", "F") else "PNG"
    wide = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    read = read_image(encoded(wide if mode == "I;16" else image.convert(mode), format), least=100)
    assert read.size == (150, 100)
    assert colour(read, 20, 50) == (255, 255, 255) and colour(read, 120, 50) == (0, 0, 0)
    photo = read_image(encoded(image, "JPEG"), least=90)
    assert photo.size == (150, 100)


def chunk(name: bytes, body: bytes, check: bytes | None = None) -> bytes:
    check = check or zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + check


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(3_000_000))),
        chunk(b"iTXt", b"key\0\1\0\0\0" + zlib.compress(bytes(3_000_000))),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(3_000_000))),
        chunk(b"tEXt", b"key\0value", b"\0\0\0\0"),
        chunk(b"gAMA", b"\0\0\0\1", b"\0\0\0\0"),
        chunk(b"pHYs", b"short"),
        chunk(b"eXIf", b"no exif at all"),
    ],
)
def test_a_png_whose_optional_chunks_are_large_or_damaged_is_shown(extra: bytes) -> None:
    data = encoded(two_halves(), "PNG")
    for at in (33, len(data) - 12):  # behind the header, before the end
        image = read_image(data[:at] + extra + data[at:])
        assert colour(image, 8, 20) == (255, 0, 0) and colour(image, 52, 20) == (0, 0, 255)


def test_an_end_mark_may_be_missing_but_no_pixels() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    whole = Image.fromarray(noise)
    for cut in (1, 2):
        data = encoded(whole, "JPEG")[:-cut]
        assert np.array_equal(read_image(data), Image.open(io.BytesIO(encoded(whole, "JPEG"))))
    for cut in (1, 4, 12, 16):  # a part of the last chunk, the chunk, and the checksum before it
        assert np.array_equal(read_image(encoded(whole, "PNG")[:-cut]), whole)
    for format, lost in (("JPEG", 600), ("PNG", 600)):
        assert_refused(encoded(whole, format)[:-lost])
    damaged = bytearray(encoded(whole, "PNG"))
    damaged[3000] ^= 0xFF
    assert_refused(bytes(damaged), "damaged")


@pytest.mark.parametrize(
    "how", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"restart_marker_blocks": 7}]
)
def test_a_photo_of_which_a_part_is_missing_is_cut_short(how: dict[str, Any]) -> None:
    photo = Image.open(ZOO / "examples" / "photos" / "beagle.jpg")
    data = encoded(photo, "JPEG", **how)
    for share in (0.1, 0.5, 0.95):
        assert_refused(data[: int(share * len(data))], "cut short")
    read_image(data[:-2])


def test_other_files_are_called_by_their_name() -> None:
    assert_refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "JPEG")
    assert_refused(b"\0\0\0\x18ftypqt  \0\0\0\0qt  qt  ", "video")
    assert_refused(b"%PDF-1.7\n", "PDF")


def test_every_ending_of_a_known_format_may_be_chosen() -> None:
    Image.init()
    known = {end[1:] for end, format in Image.registered_extensions().items() if format in FORMATS}
    assert {"jpg", "jfif", "tif", "png", "heic"} <= set(SUFFIXES) <= known | {"heic", "heif"}


def test_nothing_of_what_pillow_says_reaches_a_user(tmp_path: Path) -> None:
    damaged = encoded(two_halves(), "TIFF", compression="tiff_lzw")
    (tmp_path / "cut.tif").write_bytes(damaged[: len(damaged) - 60])
    (tmp_path / "odd.tif").write_bytes(damaged[:40] + bytes(80) + damaged[120:])
    palette = two_halves().convert("P")
    (tmp_path / "p.png").write_bytes(encoded(palette, "PNG", transparency=bytes([0, 255])))
    read = (
        "import pathlib\n"
        "from dlcore.commands.common import quiet_libraries\n"
        "from dlcore.decoding.images import ImageError, read_image\n"
        f"for path in pathlib.Path({str(tmp_path)!r}).glob('*.*'):\n"
        "    try:\n"
        "        with quiet_libraries():\n            read_image(path.read_bytes())\n"
        "    except ImageError:\n        pass"
    )
    run = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


def test_one_pixel() -> None:
    image = read_image(encoded(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG"))
    assert image.size == (1, 1) and colour(image, 0, 0) == (1, 2, 3)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_cut_file_is_refused(format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = encoded(Image.fromarray(noise), format)
    assert_refused(data[: len(data) // 2])
    assert_refused(data[:10])


def test_damaged_files_end_in_an_image_or_an_image_error() -> None:
    rng = np.random.default_rng(0)
    for format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        original = np.frombuffer(encoded(two_halves(), format), np.uint8)
        for _ in range(40):
            damaged = original.copy()
            damaged[rng.integers(0, len(damaged), 8)] = rng.integers(0, 256, 8)
            with contextlib.suppress(ImageError):
                assert read_image(damaged.tobytes()).mode == "RGB"


def test_no_image_at_all() -> None:
    assert_refused(b"", "empty")
    assert_refused(b"this is a text file\n", "not a picture")
    assert_refused(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture")


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    for side in (9_000, 60_000):  # more than our limit, and more than Pillow's own
        header = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
        body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
        bomb = b"\x89PNG\r\n\x1a\n" + body
        assert_refused(bomb, "pixels", "50.0 million")


def test_limits() -> None:
    data = encoded(two_halves(), "PNG")
    assert read_image(data, max_pixels=60 * 40, max_bytes=len(data)).size == (60, 40)
    assert_refused(data, "60 x 40", max_pixels=60 * 40 - 1)
    assert_refused(data, "MB", max_bytes=len(data) - 1)


HEIF_PLUGIN = """
from PIL import Image, ImageFile

class Heif(ImageFile.ImageFile):
    format = "HEIF"
    def _open(self):
        self._size, self._mode, self.tile = (3, 2), "RGB", []
    def load(self):
        self.im = Image.new("RGB", self.size, "red").im

def register_heif_opener():
    Image.register_open("HEIF", Heif, lambda start: start[4:12] == b"ftypheic")
    Image.register_extensions("HEIF", [".heic", ".heif"])
"""


def test_heic_opens_where_its_library_is_installed(tmp_path: Path) -> None:
    (tmp_path / "pillow_heif.py").write_text(HEIF_PLUGIN)
    read = (
        "from dlcore.decoding.images import read_image\n"
        "image = read_image(b'\\0\\0\\0\\x18ftypheic' + bytes(100))\n"
        "assert image.size == (3, 2) and image.getpixel((1, 1)) == (255, 0, 0)"
    )
    path = {"PYTHONPATH": f"{tmp_path}"}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", read], cwd=root, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
