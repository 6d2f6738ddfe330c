"""Files by a storage URL: a folder, a folder that hosts share, a bucket; encrypted before they leave the process."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bucket_server import Bucket, bucket
from PIL import Image

from app import files, storage
from app.config import BadSetting, from_environment
from app.people import roster_upload
from app.storage import Folder, OutOfReach, Shelf
from engines import settings
from roster_files import roster, send
from tenants import keys
from tenants.keys import BadCiphertext, KeyRing
from world import World

WHO = "射阳 administrator"


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket on the loopback, with the keys that open it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "me")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with bucket() as made:
        yield made


@pytest.fixture
def ring() -> Iterator[None]:
    before = keys._current
    keys.use(KeyRing({"k1": bytes(range(32))}))
    yield
    keys.use(before)


def opened(url: str, tmp_path: Path, kind: str = "uploads") -> Shelf:
    """A shelf as the application opens it."""
    made = storage.open_store(replace(settings(tmp_path, "sqlite://"), storage_url=url))
    return Folder(made / kind) if isinstance(made, Path) else storage.Bucket(made[0], made[1], kind)


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, remote: Bucket, ring: None) -> Shelf:
    return opened(f"file://{tmp_path}/shared" if request.param == "folder" else remote.url, tmp_path)


def test_a_shelf_gives_back_what_was_put(shelf: Shelf) -> None:
    name = files.save("射阳 CANARY".encode(), shelf, context="c")
    assert files.load(name, shelf, "c") == "射阳 CANARY".encode()
    assert b"CANARY" not in shelf.get(name) and shelf.get(name).startswith(b"k1$")
    assert [each for each, _written in shelf.names()] == [name]
    assert files.remove(name, shelf) is True and files.remove(name, shelf) is False
    assert list(shelf.names()) == []
    with pytest.raises(FileNotFoundError):
        files.load(name, shelf, "c")


def test_a_swapped_object_does_not_open(shelf: Shelf) -> None:
    one, two = (files.save(each, shelf, context="c") for each in (b"one", b"two"))
    shelf.put(one, shelf.get(two))
    with pytest.raises(BadCiphertext):
        files.load(one, shelf, "c")


def test_kinds_do_not_meet(tmp_path: Path, remote: Bucket, ring: None) -> None:
    photos, imports = (opened(remote.url, tmp_path, kind) for kind in ("uploads", "imports"))
    name = files.save(b"x", photos, context="c")
    assert list(imports.names()) == [] and list(remote.objects) == [f"yinling/uploads/{name}"]
    assert remote.unsigned == 0


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_bucket_that_refuses_is_out_of_reach_and_says_nothing_of_itself(
        tmp_path: Path, remote: Bucket, ring: None, status: int) -> None:
    shelf = opened(remote.url, tmp_path)
    remote.broken = status
    with pytest.raises(OutOfReach) as refused:
        files.save(b"x", shelf, context="c")
    assert "127.0.0.1" not in str(refused.value) and remote.objects == {}


def test_a_bucket_that_is_not_there(tmp_path: Path, remote: Bucket, ring: None) -> None:
    shelf = opened("s3://files?endpoint=http://127.0.0.1:9", tmp_path)
    with pytest.raises(OutOfReach):
        shelf.get("a" * 22)


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "PNG")
    return made.getvalue()


def test_a_photo_and_a_roster_by_way_of_the_bucket(world: World, remote: Bucket,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written on the host; the bucket holds nothing readable; when it is gone the answer is 503."""
    monkeypatch.setitem(world.app.extensions, "storage", storage.open_store(
        replace(world.app.config["SETTINGS"], storage_url=remote.url)))
    body = {"unit_id": world.units["射阳"], "cadre_ids": [world.cadres["cadre"]], "type": "routine",
            "ended_on": "2026-06-08", "place": "家中", "visitors": "李主任"}
    record = world.api("clerk").post("/records/visits", body).json["id"]
    url = f"/records/visits/{record}/attachments"
    made = world.api("clerk").post(url, data={"file": (io.BytesIO(picture()), "a.png")},
                                   content_type="multipart/form-data")
    assert made.status_code == 201, made.text
    instance = world.app.config["SETTINGS"].instance
    assert not (instance / "uploads").exists()
    (stored,) = [key for key in remote.objects if key.startswith("yinling/uploads/")]
    assert b"PNG" not in remote.objects[stored]
    assert world.api("clerk").get(f"/attachments/{made.json['id']}").status_code == 200
    send(world.api(WHO), roster(3), "")
    remote.broken = 503
    gone = world.api("clerk").get(f"/attachments/{made.json['id']}")
    assert (gone.status_code, gone.json["code"], gone.headers["Retry-After"]) == (503, "busy", "5")
    remote.broken = None
    with world.app.app_context():
        roster_upload.clear_away()
    assert stored in remote.objects


@pytest.mark.parametrize(("name", "value"), [
    ("YINLING_STORAGE_URL", "ftp://x"), ("YINLING_QUEUE_URL", "amqp://x"), ("YINLING_REPLICA_LAG", "-1"),
    ("YINLING_REPLICA_LAG", "soon"), ("YINLING_PROXIES", "many"),
    ("YINLING_REPLICA_URL", "postgresql://h/d"),
])
def test_a_setting_that_cannot_be_meant_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    said = {"YINLING_INSTANCE": str(tmp_path), "YINLING_SECRET_KEY": "0123456789abcdef" * 2,
            "YINLING_FIELD_KEYS": "k1:" + "A" * 43 + "="}
    from_environment(said)
    with pytest.raises(BadSetting, match=name):
        from_environment(said | {name: value})


def test_an_unknown_word_in_the_address_of_a_bucket(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="s3://bucket"):
        opened("s3://files?endpiont=http://x", tmp_path)
