"""Photos of records: cleaned of where they were taken, encrypted, reached through the record alone."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from record_bodies import entered
from werkzeug.test import TestResponse

from world import World


def picture(kind: str = "JPEG", colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    """A small picture that says where it was taken."""
    image = Image.new("RGB", size, colour)
    exif = Image.Exif()
    exif[0x010E] = "CANARY-DESCRIPTION"
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 46.0, 12.0), 3: "E", 4: (120.0, 15.0, 0.0)})
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def put(world: World, record: dict[str, Any], data: bytes, *, name: str = "照片.jpg", principal: str = "clerk",
        **more: Any) -> TestResponse:
    """Send a photo."""
    return world.api(principal).post(f"/records/{record['module']}/{record['id']}/attachments",
                                     data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data",
                                     **more)


def uploads(world: World) -> list[Path]:
    """The files on the disk."""
    return [path for path in (world.app.config["SETTINGS"].instance / "uploads").rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_cleaned_encrypted_and_given_back(world: World, kind: str) -> None:
    record = entered(world)
    sent = picture(kind)
    assert b"CANARY" in sent
    made = put(world, record, sent, name=f"合影.{kind.lower()}")
    assert made.status_code == 201, made.text
    (shown,) = world.api("clerk").get(f"/records/visits/{record['id']}").json["attachments"]
    assert shown == made.json and shown["filename"].startswith("合影.")
    given = world.api("clerk").get(f"/attachments/{shown['id']}")
    assert given.status_code == 200 and given.headers["Content-Type"] == shown["content_type"]
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.headers["Cache-Control"] == "no-store"
    image = Image.open(io.BytesIO(given.data))
    assert image.size == (40, 30) and not image.getexif() and b"CANARY" not in given.data
    (file,) = uploads(world)
    kept = file.read_bytes()
    assert given.data not in kept and b"CANARY" not in kept and not kept.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF"))
    assert file.stat().st_mode & 0o077 == 0


def test_a_photo_is_seen_by_whoever_sees_the_record(world: World) -> None:
    record = entered(world, "branch_activities")
    photo = put(world, record, picture()).json["id"]
    for reader, status in (("clerk", 200), ("phone clerk", 200), ("chief", 200), ("province auditor", 200),
                           ("射阳 administrator", 200), ("other clerk", 404), ("town clerk", 404),
                           ("column clerk", 404), ("东台 administrator", 404), ("nobody", 404), ("cadre", 403)):
        answer = world.api(reader).get(f"/attachments/{photo}")
        assert answer.status_code == status, reader
    assert world.api(None).get(f"/attachments/{photo}").status_code == 401
    for unknown in ("A" * 22, "x", "..%2F..%2Fetc"):
        assert world.api("clerk").get(f"/attachments/{unknown}").status_code == 404


def test_only_the_keeper_of_the_record_adds_a_photo(world: World) -> None:
    record = entered(world)
    for principal, status in (("chief", 403), ("province auditor", 403), ("射阳 administrator", 403),
                              ("other clerk", 404), ("cadre", 403)):
        assert put(world, record, picture(), principal=principal).status_code == status, principal
    assert uploads(world) == []


def test_a_deleted_records_photos_are_gone(world: World) -> None:
    record = entered(world)
    photo = put(world, record, picture()).json["id"]
    assert world.api("clerk").delete(f"/records/visits/{record['id']}").status_code == 204
    for reader in ("clerk", "chief", "province auditor"):
        assert world.api(reader).get(f"/attachments/{photo}").status_code == 404
    assert put(world, record, picture()).status_code == 404


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"\0" * 40,
                                  b"%PDF-1.7", picture()[:200]])
def test_what_is_no_photo_is_refused(world: World, data: bytes) -> None:
    refused = put(world, entered(world), data)
    assert refused.status_code == 422 and "file" in refused.json["fields"]
    assert uploads(world) == []


def test_a_missing_and_a_misplaced_file_are_refused(world: World) -> None:
    record = entered(world)
    path = f"/records/visits/{record['id']}/attachments"
    clerk = world.api("clerk")
    assert clerk.post(path).status_code == 422
    assert clerk.post(path, {"file": "x"}).status_code in (415, 422)
    assert clerk.post(path, data={"photo": (io.BytesIO(picture()), "a.jpg")},
                      content_type="multipart/form-data").status_code == 422


def test_hostile_names_are_tamed(world: World) -> None:
    record = entered(world)
    for name in ("../../etc/passwd.jpg", "a\r\nSet-Cookie: x.jpg", "名" * 200 + ".jpg", ".jpg", "a/b\\c.jpg"):
        made = put(world, record, picture(), name=name)
        assert made.status_code in (201, 422), name
        if made.status_code == 201:
            given = world.api("clerk").get(f"/attachments/{made.json['id']}")
            assert given.status_code == 200 and "Set-Cookie" not in given.headers
            assert "/" not in made.json["filename"] and len(made.json["filename"]) <= 100
    assert all(path.resolve().is_relative_to(world.app.config["SETTINGS"].instance) for path in uploads(world))


def test_a_record_takes_nine_photos(world: World) -> None:
    record = entered(world)
    data = picture(size=(4, 4))
    assert [put(world, record, data).status_code for _each in range(10)] == [201] * 9 + [409]


def test_the_same_key_adds_a_photo_once(world: World) -> None:
    record = entered(world)
    headers = {"Idempotency-Key": "photo-1"}
    first, second = (put(world, record, picture(), headers=headers) for _each in range(2))
    assert first.json == second.json and second.status_code == 201 and len(uploads(world)) == 1
    assert put(world, record, picture(colour="blue"), headers=headers).status_code == 409
