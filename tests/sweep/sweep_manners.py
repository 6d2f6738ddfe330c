"""What every answer must look like: the headers, to the letter, and the shape of an error on the API."""

import re
from typing import Any

from werkzeug.test import TestResponse

POLICY = ("default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'")
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
CHINESE = re.compile("[\u4e00-\u9fff]")
TELLING = re.compile(r"Traceback|[Ss]ql[Aa]lchemy|psycopg|sqlite3|site-packages|/app/|[Ww]erkzeug|SELECT |\.py\b")


def faults_of(response: TestResponse, *, static: bool = False, secure: bool = False) -> list[str]:
    """What is wrong with the manners of an answer."""
    wanted: dict[str, Any] = ALWAYS | ({"Cache-Control": "public, max-age=3600"} if static else {})
    if secure:
        wanted |= {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    found = [f"{name}: {response.headers.getlist(name)}" for name, value in wanted.items()
             if response.headers.getlist(name) != [value]]
    if not secure and "Strict-Transport-Security" in response.headers:
        found.append("HSTS over plain http")
    if not re.fullmatch(r"[A-Za-z0-9_-]{22}", response.headers.get("X-Request-Id", "")):
        found.append("no number of the request")
    found += [name for name in ("Access-Control-Allow-Origin", "X-Powered-By") if name in response.headers]
    if response.status_code >= 400:
        found += _faults_of_an_error(response)
    return found


def _faults_of_an_error(response: TestResponse) -> list[str]:
    said = response.get_data(as_text=True)
    found = [f"tells too much: {match[0]}" for match in TELLING.finditer(said)]
    if not response.is_json:
        return found + ([] if CHINESE.search(said) or not said else ["not in Chinese"])
    if set(response.json) != {"code", "message", "fields"}:
        return [*found, f"another shape: {sorted(response.json)}"]
    if not CHINESE.search(response.json["message"]):
        found.append(f"not in Chinese: {response.json['message']}")
    if not re.fullmatch(r"[a-z_]+", response.json["code"]):
        found.append(f"no code: {response.json['code']}")
    if not all(isinstance(texts, list) and all(CHINESE.search(text) for text in texts)
               for texts in response.json["fields"].values()):
        found.append(f"fields not explained in Chinese: {response.json['fields']}")
    return found
