"""Files at rest: encrypted, whole, and bound to whom they belong."""

import os
import stat
import threading

import pytest

from app import files, storage
from app.storage import Folder
from tenants import keys
from tenants.keys import BadCiphertext, KeyRing, KeyRingError, UnknownKey

SECRET = "射阳县 CANARY 320999193801150017".encode() * 40


@pytest.fixture(autouse=True)
def _ring_kept():
    before = keys._current
    keys.use(KeyRing({"k1": bytes(range(32))}))
    yield
    keys.use(before)


def test_round_trip_and_nothing_readable_on_disk(tmp_path):
    folder = tmp_path / "uploads" / "photos"
    name = files.save(SECRET, Folder(folder), context="attachment:1")
    assert len(name) == 22
    assert files.load(name, Folder(folder), "attachment:1") == SECRET
    assert [p.name for p in folder.iterdir()] == [name]
    raw = (folder / name).read_bytes()
    assert b"CANARY" not in raw
    assert raw.startswith(b"k1$")


def test_only_the_owner_may_read(tmp_path):
    folder = tmp_path / "new"
    before = os.umask(0)
    try:
        name = files.save(b"x", Folder(folder), context="c")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_names_are_random_and_content_too(tmp_path):
    names = {files.save(b"same", Folder(tmp_path), context="c") for _ in range(50)}
    assert len(names) == 50
    assert len({(tmp_path / n).read_bytes() for n in names}) == 50


def test_a_swapped_file_does_not_open(tmp_path):
    one = files.save(b"one", Folder(tmp_path), context="attachment:1")
    two = files.save(b"two", Folder(tmp_path), context="attachment:1")
    (tmp_path / one).write_bytes((tmp_path / two).read_bytes())
    with pytest.raises(BadCiphertext):
        files.load(one, Folder(tmp_path), "attachment:1")
    with pytest.raises(BadCiphertext):
        files.load(two, Folder(tmp_path), "attachment:2")


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"k1$" + b[4:],
               lambda b: b"\xf4x\x17$" + b[3:], lambda b: b"a" * 17 + b"$" + b[3:]]
)
def test_a_damaged_file_does_not_open(tmp_path, damage):
    name = files.save(b"content", Folder(tmp_path), context="c")
    (tmp_path / name).write_bytes(damage((tmp_path / name).read_bytes()))
    with pytest.raises(BadCiphertext):
        files.load(name, Folder(tmp_path), "c")


def test_random_bytes_do_not_open(tmp_path):
    """Rarely they even begin with the name of a key that might be."""
    for _ in range(2000):
        name = files.save(b"", Folder(tmp_path), context="c")
        (tmp_path / name).write_bytes(os.urandom(40))
        with pytest.raises(KeyRingError):
            files.load(name, Folder(tmp_path), "c")


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../" + "a" * 19, "/" + "a" * 21, "a" * 21, "a" * 23, "a" * 21 + "/", "a" * 21 + "\n",
        "a" * 22 + "\n", "a" * 21 + ".", "a" * 21 + "\0", "a" * 21 + "é", "..\\" + "a" * 19, None, 1, b"a" * 22,
    ],
    ids=ascii,
)  # fmt: skip
def test_names_cannot_leave_the_folder(tmp_path, name):
    for act in (lambda: files.load(name, Folder(tmp_path), "c"), lambda: files.remove(name, Folder(tmp_path))):
        with pytest.raises(files.BadFileName):
            act()


def test_symbolic_links_are_not_followed(tmp_path):
    name = files.save(b"x", Folder(tmp_path / "other"), context="c")
    (tmp_path / name).symlink_to(tmp_path / "other" / name)
    with pytest.raises(OSError, match="symbolic"):
        files.load(name, Folder(tmp_path), "c")


def test_removal(tmp_path):
    name = files.save(b"x", Folder(tmp_path), context="c")
    assert files.remove(name, Folder(tmp_path)) is True
    assert files.remove(name, Folder(tmp_path)) is False
    with pytest.raises(FileNotFoundError):
        files.load(name, Folder(tmp_path), "c")


def test_without_a_key_nothing_is_written(tmp_path):
    keys.use(None)
    with pytest.raises(KeyRingError):
        files.save(b"x", Folder(tmp_path / "new"), context="c")
    assert list(tmp_path.iterdir()) == []


def test_after_rotation_old_files_open_and_without_the_old_key_they_say_so(tmp_path):
    name = files.save(b"x", Folder(tmp_path), context="c")
    keys.use(KeyRing({"k2": b"2" * 32, "k1": bytes(range(32))}))
    assert files.load(name, Folder(tmp_path), "c") == b"x"
    keys.use(KeyRing({"k2": b"2" * 32}))
    with pytest.raises(UnknownKey, match="k1"):
        files.load(name, Folder(tmp_path), "c")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_disk_leaves_nothing_behind(tmp_path, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, step, full)
    with pytest.raises(OSError, match="No space"):
        files.save(b"x", Folder(tmp_path), context="c")
    assert list(tmp_path.iterdir()) == []


def test_many_writers(tmp_path):
    names = []
    writers = [
        threading.Thread(target=lambda i=i: names.append((i, files.save(bytes([i]), Folder(tmp_path), context="c"))))
        for i in range(16)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {files.load(name, Folder(tmp_path), "c")[0] == i for i, name in names} == {True}
    assert len(names) == 16
