"""Photos people send: checked by content, made anew without anything hidden in them."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from app.values.bad import BadValue

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2000
JPEG_QUALITY = 85

_FORMATS = ("JPEG", "PNG", "WEBP")
_ORIENTATION = 0x0112
# EXIF orientation 2-8 (CIPA DC-008, 4.6.5) and what puts the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BadPhoto(BadValue):
    """The bytes are no photo that can be taken; the message, in Chinese, says what to do."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo made anew: its bytes, `image/jpeg` or `image/png`, and its size in pixels."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def extension(self) -> str:
        """`jpg` or `png`: the only endings a photo is ever served under."""
        return "png" if self.content_type == "image/png" else "jpg"


def clean_photo(data: bytes) -> Photo:
    """Return the photo in `data` upright, at most 2000 pixels a side, stripped. Raises BadPhoto.

    JPEG, PNG and WebP are told by content; a file name or declared type is never asked.
    What comes out is encoded anew from the pixels alone (PNG when something is see-through,
    else JPEG): no EXIF, position, profile or comment, nothing appended, no further frames.
    Refused: every other kind, damaged files, more than 10 MB, and more than 40 megapixels,
    which is read from the header before anything is decoded.
    """
    if not data:
        raise BadPhoto("photo_empty", "照片文件是空的，请重新选择")
    if len(data) > MAX_BYTES:
        raise BadPhoto("photo_size", "照片不能超过 10 MB，请压缩后再上传")
    _check_kind(data)
    try:
        return _encode(_upright(_decode(data)))
    except BadPhoto:
        raise
    except Exception as error:
        # Decoders fed with hostile bytes raise nearly anything: OSError, SyntaxError,
        # struct.error, MemoryError... To the sender it is all the same.
        raise BadPhoto("photo_damaged", "照片已损坏或不完整，请重新拍摄或选择") from error


def _check_kind(data: bytes) -> None:
    jpeg = data.startswith(b"\xff\xd8\xff")
    png = data.startswith(b"\x89PNG\r\n\x1a\n")
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    if not (jpeg or png or webp):
        raise BadPhoto("photo_kind", "只能上传 JPEG、PNG 或 WebP 格式的照片")
    if webp:
        # The WebP decoder sets up its canvas while opening: look at the header first.
        _check_pixels(*_webp_size(data))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the first chunk (RFC 9649, 2.5 to 2.7)."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise BadPhoto("photo_damaged", "照片已损坏或不完整，请重新拍摄或选择")
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadPhoto("photo_pixels", "照片尺寸过大，不能超过 4000 万像素，请缩小后再上传")


def _decode(data: bytes) -> Image.Image:
    try:
        image = Image.open(BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPhoto("photo_pixels", "照片尺寸过大，不能超过 4000 万像素，请缩小后再上传") from error
    _check_pixels(*image.size)
    # A JPEG can be decoded at a half, a quarter or an eighth: as much as is needed.
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    image.load()
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        # A broken EXIF block is no reason to refuse a good picture: it is thrown away anyway.
        turn = None
    image = _plain_mode(image)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return image.transpose(turn) if turn is not None else image


def _plain_mode(image: Image.Image) -> Image.Image:
    """Return it as RGB, or as RGBA when a pixel is see-through."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            return image
    elif image.mode.startswith("I"):
        # 16-bit grey: conversion alone would cut every value above 255 to white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGB")


def _encode(image: Image.Image) -> Photo:
    # A new image has no `info`, from which the encoders copy profiles and comments.
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    out = BytesIO()
    if clean.mode == "RGBA":
        clean.save(out, "PNG", optimize=False)
        return Photo(out.getvalue(), "image/png", *clean.size)
    clean.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return Photo(out.getvalue(), "image/jpeg", *clean.size)
