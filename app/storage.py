"""Where sealed files lie: a folder of this machine, one that several hosts share, or a bucket (`YINLING_STORAGE_URL`).

What comes in here is already encrypted (`app.files`); names are made there. A shelf keeps bytes under a name, whole
or not at all, and knows nothing of what they mean.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from flask import current_app

from app.config import BadSetting, Settings


class OutOfReach(OSError):
    """The place of the files does not answer, or refuses; nothing was kept."""


class Shelf(Protocol):
    """One kind of file of this instance: photos, or the files of imports."""

    def put(self, name: str, sealed: bytes) -> None:
        """Keep these bytes under a new name. OSError when the place refuses; then nothing is kept."""

    def get(self, name: str) -> bytes:
        """The bytes. FileNotFoundError, or OSError when the place cannot be reached."""

    def remove(self, name: str) -> bool:
        """Delete them; whether they were there."""

    def names(self) -> Iterator[tuple[str, float]]:
        """Every name here, left-overs of a crash included, with the second it was last written."""


@dataclass(frozen=True)
class Folder:
    """A folder (0700) of files (0600). Symbolic links are not followed; a crash leaves a `.part` that is nobody's."""

    path: Path

    def put(self, name: str, sealed: bytes) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.path / f"{name}.part"
        try:
            _write(part, sealed)
            os.replace(part, self.path / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync(self.path)

    def get(self, name: str) -> bytes:
        descriptor = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def remove(self, name: str) -> bool:
        try:
            (self.path / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def names(self) -> Iterator[tuple[str, float]]:
        for path in self.path.iterdir() if self.path.is_dir() else ():
            try:
                yield path.name, path.stat().st_mtime
            except FileNotFoundError:  # another worker clears away too
                continue


def _write(path: Path, sealed: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Bucket:
    """The same in an S3 bucket, by `obstore`; objects appear whole by the protocol."""

    def __init__(self, objects: Any, store: Any, kind: str) -> None:
        self._objects, self._store, self._kind = objects, store, kind

    def _path(self, name: str) -> str:
        return f"{self._kind}/{name}"

    def put(self, name: str, sealed: bytes) -> None:
        with _reach(self._objects):
            self._objects.put(self._store, self._path(name), sealed)

    def get(self, name: str) -> bytes:
        with _reach(self._objects):
            return bytes(self._objects.get(self._store, self._path(name)).bytes())

    def remove(self, name: str) -> bool:
        """S3 itself does not say whether an object was there, so it is asked first."""
        with _reach(self._objects):
            try:
                self._objects.head(self._store, self._path(name))
            except FileNotFoundError:
                return False
            self._objects.delete(self._store, self._path(name))
        return True

    def names(self) -> Iterator[tuple[str, float]]:
        with _reach(self._objects):
            for page in self._objects.list(self._store, prefix=self._kind):
                for each in page:
                    yield each["path"].rpartition("/")[2], each["last_modified"].timestamp()


@contextmanager
def _reach(objects: Any) -> Iterator[None]:
    """Whatever goes wrong on the way to the bucket is one kind of error; a missing object stays FileNotFoundError."""
    try:
        yield
    except objects.exceptions.BaseError as error:
        # The library's text quotes addresses and answers; the kind of the fault is enough.
        raise OutOfReach(f"the bucket refused: {type(error).__name__}") from error


def open_store(settings: Settings) -> Path | tuple[Any, Any]:
    """What `shelf` reaches through: a root folder, or an open bucket. Raises BadSetting."""
    url = settings.storage_url
    if url.startswith("file:"):
        path = url.removeprefix("file:").removeprefix("//")
        return Path(path) if path else settings.instance
    return _open_bucket(url)


def _open_bucket(url: str) -> tuple[Any, Any]:
    """`s3://bucket/prefix?endpoint=https://host&region=…`; the keys come from `AWS_ACCESS_KEY_ID` and its like."""
    try:
        import obstore
        import obstore.exceptions
        from obstore.store import S3Store
    except ImportError as missing:
        raise BadSetting("YINLING_STORAGE_URL=s3: needs the package obstore: pip install 'obstore>=0.12'") from missing
    parts = urlsplit(url)
    said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if not parts.netloc or set(said) - {"endpoint", "region"}:
        raise BadSetting("YINLING_STORAGE_URL must read s3://bucket/prefix?endpoint=https://host&region=name")
    endpoint = said.get("endpoint")
    more: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
    store = S3Store(
        parts.netloc, prefix=parts.path.strip("/") or None, region=said.get("region", "us-east-1"),
        client_options={"allow_http": bool(endpoint) and str(endpoint).startswith("http://"), "timeout": "30s",
                        "connect_timeout": "3s"},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)}, **more,
    )
    return obstore, store


def shelf(kind: str) -> Shelf:
    """The shelf of one kind of file (`uploads`, `imports`) of the running application."""
    opened: Path | tuple[Any, Any] | None = current_app.extensions.get("storage")
    if opened is None:
        opened = current_app.extensions["storage"] = open_store(current_app.config["SETTINGS"])
    return Folder(opened / kind) if isinstance(opened, Path) else Bucket(opened[0], opened[1], kind)
