"""Files that are two things at once: a photo to one program, a page or a script to another."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from app.images import BadPhoto, clean_photo

# As in production: a decoder's warning about odd bytes is no error there.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")

CANARY = b"CANARY-320999-hidden"


def encoded(kind="JPEG", mode="RGB", **options):
    out = BytesIO()
    Image.new("RGB", (64, 48), "red").convert(mode).save(out, kind, **options)
    return out.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


SCRIPTS = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "js": b"/*\n*/alert(1)//",
    "php": b"<?php system($_GET[0]); ?>",
    "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "zip": b"PK\x03\x04\x14\x00\x00\x00",
    "exe": b"MZ\x90\x00\x03",
    "shell": b"#!/bin/sh\nid\n",
    "mhtml": b"MIME-Version: 1.0\nContent-Type: text/html\n\n<script>alert(1)</script>",
}
OTHERS = {
    "gif": encoded("GIF", "P"),
    "bmp": encoded("BMP"),
    "tiff": encoded("TIFF"),
    "ico": encoded("ICO"),
    "jpeg2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "psd": b"8BPS\0\1",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "heic": b"\0\0\0\x18ftypheic",
    "ppm": encoded("PPM"),
    "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "blank": b" " * 64,
    "zeros": b"\0" * 64,
    "jpeg-magic-only": b"\xff\xd8\xff",
    "png-magic-only": b"\x89PNG\r\n\x1a\n",
    "webp-magic-only": b"RIFF\0\0\0\0WEBP",
    "late": b"\n" + encoded(),
}


def hidden_in_png_text(payload):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", payload.decode("latin-1"))
    info.add_itxt("XML:com.adobe.xmp", payload.decode("latin-1"))
    return encoded("PNG", pnginfo=info)


def hidden_after_png_header(payload):
    data = encoded("PNG")
    return data[:33] + chunk(b"prVt", payload) + data[33:]


def hidden_after_jpeg_start(payload):
    data = encoded()
    return data[:2] + b"\xff\xe5" + struct.pack(">H", len(payload) + 2) + payload + data[2:]


HIDING = {
    "alone": lambda p: p,
    "before-jpeg": lambda p: p + encoded(),
    "before-png": lambda p: p + encoded("PNG"),
    "after-jpeg": lambda p: encoded() + p,
    "after-png": lambda p: encoded("PNG") + p,
    "after-webp": lambda p: encoded("WEBP") + p,
    "jpeg-comment": lambda p: encoded(comment=p),
    "jpeg-segment": hidden_after_jpeg_start,
    "jpeg-exif": lambda p: encoded(exif=b"Exif\0\0" + p),
    "jpeg-profile": lambda p: encoded(icc_profile=p),
    "png-text": hidden_in_png_text,
    "png-chunk": hidden_after_png_header,
    "png-profile": lambda p: encoded("PNG", icc_profile=p),
    "webp-xmp": lambda p: encoded("WEBP", xmp=p),
    "webp-exif": lambda p: encoded("WEBP", exif=b"Exif\0\0" + p),
}
POLYGLOTS = {f"{s}-{h}": HIDING[h](SCRIPTS[s] + CANARY) for s in SCRIPTS for h in HIDING} | OTHERS


def smuggled(clean):
    """Return the polyglots of which something comes out of a cleaning function."""
    through = []
    for name, data in POLYGLOTS.items():
        try:
            content = clean(data)
        except BadPhoto:
            continue
        payloads = (payload for payload in SCRIPTS.values() if len(payload) > 8)
        if CANARY in content or any(payload in content for payload in payloads):
            through.append(name)
    return through


def test_no_polyglot_brings_anything_through():
    assert len(POLYGLOTS) >= 60
    assert smuggled(lambda data: clean_photo(data).content) == []


def reopened_only(data):
    """Planted fault: the picture is looked at, and the bytes are kept as they came."""
    try:
        Image.open(BytesIO(data)).load()
    except Exception as error:
        raise BadPhoto("photo_damaged", "x") from error
    return data


def test_the_test_sees_what_is_smuggled():
    assert len(smuggled(reopened_only)) >= 60


@pytest.mark.parametrize(
    "name", [*OTHERS, *(f"{s}-{h}" for s in SCRIPTS for h in HIDING if h.startswith(("alone", "before")))]
)
def test_other_kinds_are_refused_in_chinese(name):
    with pytest.raises(BadPhoto) as caught:
        clean_photo(POLYGLOTS[name])
    assert caught.value.code in ("photo_kind", "photo_damaged")
    assert "照片" in caught.value.message
