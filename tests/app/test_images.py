"""Photos: what people's phones make is taken, and nothing hidden in it survives."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageFile

from app.images import MAX_BYTES, BadPhoto, clean_photo

# As in production: a decoder's warning about odd bytes is no error there.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")

CANARY = b"CANARY-320999-hidden"
FORMATS = ["JPEG", "PNG", "WEBP"]


def picture(size=(64, 48), mode="RGB"):
    """Return a picture with a different colour in each corner, so that turning shows."""
    width, height = size
    image = Image.new(mode, size, "white")
    for colour, corner in {"red": (0, 0), "lime": (1, 0), "blue": (0, 1), "yellow": (1, 1)}.items():
        x, y = corner[0] * width // 2, corner[1] * height // 2
        image.paste(Image.new("RGB", (width // 2, height // 2), colour).convert(mode), (x, y))
    return image


def encoded(image=None, kind="JPEG", **options):
    out = BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def opened(photo):
    return Image.open(BytesIO(photo.content))


def corners(image):
    """Name the colours of the four corners, clockwise from the upper left."""
    image = image.convert("RGB")
    w, h = image.width - 4, image.height - 4
    named = {"r": (255, 0, 0), "g": (0, 255, 0), "b": (0, 0, 255), "y": (255, 255, 0)}

    def near(pixel):
        return min(named, key=lambda n: sum((a - b) ** 2 for a, b in zip(named[n], pixel, strict=True)))

    return "".join(near(image.getpixel(at)) for at in ((3, 3), (w, 3), (w, h), (3, h)))


@pytest.mark.parametrize("kind", FORMATS)
def test_phone_formats_are_taken_and_made_anew(kind):
    photo = clean_photo(encoded(kind=kind))
    assert (photo.content_type, photo.width, photo.height, photo.extension) == ("image/jpeg", 64, 48, "jpg")
    assert opened(photo).format == "JPEG"
    assert corners(opened(photo)) == "rgyb"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_see_through_pictures_stay_png(kind):
    image = picture(mode="RGBA")
    image.putpixel((5, 5), (255, 0, 0, 0))
    photo = clean_photo(encoded(image, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert (photo.content_type, photo.extension) == ("image/png", "png")
    assert opened(photo).getpixel((5, 5))[3] == 0
    assert clean_photo(encoded(picture(mode="RGBA"), kind)).content_type == "image/jpeg"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png(mode):
    image = picture().convert("L").convert("I;16") if mode == "I;16" else picture().convert(mode)
    assert clean_photo(encoded(image, "PNG")).width == 64


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_mode_of_jpeg(mode):
    assert opened(clean_photo(encoded(picture().convert(mode)))).mode == "RGB"


def test_sixteen_bit_grey_keeps_its_tones():
    grey = Image.new("I;16", (8, 8), 32768)
    assert abs(opened(clean_photo(encoded(grey, "PNG"))).getpixel((4, 4))[0] - 128) < 4


def with_gps():
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()
    exif[0x9286] = CANARY.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 46.0, 12.0), 3: "E", 4: (120.0, 15.0, 30.0), 29: CANARY.decode()})
    return exif


def hides_something(data):
    """Say what of position, camera, profile or comment is left in an image file."""
    image = Image.open(BytesIO(data))
    image.load()
    exif = image.getexif()
    kept = set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    return bool(kept or dict(exif) or exif.get_ifd(0x8825) or CANARY in data)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("see_through", [False, True])
def test_position_profile_and_comments_are_gone(kind, see_through):
    image = picture(mode="RGBA" if see_through and kind != "JPEG" else "RGB")
    if image.mode == "RGBA":
        image.putpixel((5, 5), (0, 0, 0, 0))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": with_gps(), "icc_profile": profile}
    if kind == "JPEG":
        options["comment"] = CANARY
    data = encoded(image, kind, **options)
    assert hides_something(data)
    assert Image.open(BytesIO(data)).getexif().get_ifd(0x8825)
    assert not hides_something(clean_photo(data).content)


@pytest.mark.parametrize(
    ("orientation", "seen"),
    [(1, "rgyb"), (2, "grby"), (3, "ybrg"), (4, "bygr"), (5, "rbyg"), (6, "brgy"), (7, "ygrb"), (8, "gybr")],
)
@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_are_turned_upright(kind, orientation, seen):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = clean_photo(encoded(kind=kind, exif=exif))
    assert corners(opened(photo)) == seen
    assert (photo.width, photo.height) == ((64, 48) if orientation < 5 else (48, 64))


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_senseless_orientations_are_passed_over(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert clean_photo(encoded(exif=exif)).width == 64


@pytest.mark.parametrize(
    "block",
    [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0" + b"\xff" * 99],
)
def test_a_broken_exif_block_does_not_matter(block):
    assert clean_photo(encoded(exif=block)).width == 64


@pytest.mark.parametrize(
    ("size", "result"),
    [
        ((2000, 2000), (2000, 2000)),
        ((4000, 3000), (2000, 1500)),
        ((3000, 4000), (1500, 2000)),
        ((9000, 3), (2000, 1)),
        ((1, 1), (1, 1)),
        ((2001, 10), (2000, 10)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_pictures_become_smaller(kind, size, result):
    photo = clean_photo(encoded(Image.new("RGB", size, "red"), kind))
    assert (photo.width, photo.height) == opened(photo).size == result


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width, height):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def jpeg_claiming(width, height):
    data = bytearray(encoded())
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_claiming(width, height, kind):
    data = bytearray(encoded(kind="WEBP", lossless=kind == "VP8L", exif=with_gps() if kind == "VP8X" else b""))
    if kind == "VP8X":
        data[24:27], data[27:30] = (width - 1).to_bytes(3, "little"), (height - 1).to_bytes(3, "little")
    elif kind == "VP8L":
        data[21:25] = ((width - 1) | (height - 1) << 14).to_bytes(4, "little")
    else:
        data[26:28], data[28:30] = width.to_bytes(2, "little"), height.to_bytes(2, "little")
    return bytes(data)


BOMBS = {
    "png": png_claiming(50_000, 50_000),
    "png-just-over": png_claiming(8000, 5001),
    "png-warned": png_claiming(10_000, 9_500),
    "png-long": png_claiming(2**31 - 1, 1),
    "jpeg": jpeg_claiming(65_500, 65_500),
    "webp-lossy": webp_claiming(16_383, 16_383, "VP8 "),
    "webp-lossless": webp_claiming(16_383, 16_383, "VP8L"),
    "webp-extended": webp_claiming(16_777_216, 16_777_216, "VP8X"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_pictures_too_large_are_refused_before_they_are_decoded(name, monkeypatch):
    def decoded(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    with pytest.raises(BadPhoto, match="4000 万像素") as caught:
        clean_photo(BOMBS[name])
    assert caught.value.code == "photo_pixels"


@pytest.mark.parametrize("name", [name for name in BOMBS if name.startswith("webp")])
def test_too_large_webp_does_not_even_reach_the_decoder(name, monkeypatch):
    def reached(*_args, **_options):
        raise AssertionError("opened")

    monkeypatch.setattr(Image, "open", reached)
    with pytest.raises(BadPhoto, match="4000 万像素"):
        clean_photo(BOMBS[name])


def test_forty_megapixels_are_taken():
    assert clean_photo(encoded(Image.new("L", (8000, 5000)))).width == 2000


def test_ten_megabytes_are_the_limit():
    data = encoded()
    assert clean_photo(data + b"\0" * (MAX_BYTES - len(data))).width == 64
    with pytest.raises(BadPhoto, match="10 MB") as caught:
        clean_photo(data + b"\0" * (MAX_BYTES - len(data) + 1))
    assert caught.value.code == "photo_size"


def test_a_text_chunk_that_unpacks_to_much_is_refused():
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 200_000_000, 9))
    data = encoded(kind="PNG")
    with pytest.raises(BadPhoto):
        clean_photo(data[:33] + bomb + data[33:])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.8, 0.95])
def test_cut_off_files_are_refused(kind, share):
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = encoded(noise, kind)
    with pytest.raises(BadPhoto, match="损坏") as caught:
        clean_photo(data[: int(len(data) * share)])
    assert caught.value.code == "photo_damaged"


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_bytes_give_a_photo_or_a_refusal(kind):
    data = encoded(kind=kind, exif=with_gps())
    for place in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        try:
            photo = clean_photo(bytes(damaged))
        except BadPhoto:
            continue
        assert not hides_something(photo.content)


def test_nothing_is_no_photo():
    with pytest.raises(BadPhoto, match="空"):
        clean_photo(b"")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "MPO"])
def test_of_several_frames_the_first_is_kept(kind):
    frames = [picture(), Image.new("RGB", (64, 48), "black")]
    photo = clean_photo(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert corners(opened(photo)) == "rgyb"
    assert getattr(opened(photo), "n_frames", 1) == 1


def test_the_same_photo_gives_the_same_bytes():
    assert clean_photo(encoded()).content == clean_photo(encoded()).content
