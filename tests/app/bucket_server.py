"""A bucket on this machine: the four calls of the S3 protocol that the storage makes, kept in memory."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape


class Bucket:
    """What was put, and what was asked. `broken` is the status it answers everything with."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.unsigned = 0
        self.broken: int | None = None
        self.url = ""


def _listing(bucket: Bucket, prefix: str) -> bytes:
    rows = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>2026-06-01T00:00:00.000Z</LastModified><ETag>\"e\"</ETag>"
        f"<Size>{len(value)}</Size></Contents>" for key, value in sorted(bucket.objects.items())
        if key.startswith(prefix))
    return (f'<?xml version="1.0"?><ListBucketResult><Name>files</Name><Prefix>{escape(prefix)}</Prefix>'
            f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>").encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers for the bucket of its server."""

    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def _answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("ETag", '"e"')
        self.send_header("Last-Modified", formatdate(1780272000, usegmt=True))
        self.end_headers()
        self.wfile.write(body)

    def _key(self) -> str:
        split = urlsplit(self.path)
        key = unquote(split.path).removeprefix("/files").lstrip("/")
        self.bucket.asked.append((self.command, key))
        self.bucket.unsigned += not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=me/")
        return key

    def do_PUT(self) -> None:
        key, body = self._key(), self.rfile.read(int(self.headers["Content-Length"]))
        if self.bucket.broken:
            return self._answer(self.bucket.broken)
        self.bucket.objects[key] = body
        return self._answer(200)

    def do_GET(self) -> None:
        key, query = self._key(), parse_qs(urlsplit(self.path).query)
        if self.bucket.broken:
            return self._answer(self.bucket.broken)
        if "list-type" in query:
            return self._answer(200, _listing(self.bucket, query.get("prefix", [""])[0]))
        return self._answer(200, self.bucket.objects[key]) if key in self.bucket.objects else self._answer(404)

    def do_HEAD(self) -> None:
        key = self._key()
        there = self.bucket.objects.get(key)
        self._answer(404 if there is None else 200, length=0 if there is None else len(there))

    def do_POST(self) -> None:
        """Several at once, the only way to delete that the client uses."""
        self._key()
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = [unescape(each) for each in re.findall("<Key>(.*?)</Key>", asked)]
        for key in keys:
            self.bucket.objects.pop(key, None)
        gone = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def bucket() -> Iterator[Bucket]:
    """A bucket that serves as long as the block runs."""
    made = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": made}))
    server.daemon_threads = True
    made.url = f"s3://files/yinling?endpoint=http://127.0.0.1:{server.server_address[1]}&region=cn"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
