"""The providers of this instance, read from `YINLING_SMS_URL`: several are divided by blanks, the first comes first."""

from pathlib import Path

from flask import current_app

from app.config import Settings, several
from app.sms.http import Gateway
from app.sms.local import DryRun, ToFile
from app.sms.provider import Provider


def providers() -> list[Provider]:
    """Every way out in the order of the setting."""
    settings: Settings = current_app.config["SETTINGS"]
    return [_of(url, settings.instance) for url in several(settings.sms_url)]


def _of(url: str, instance: Path) -> Provider:
    if url.startswith("dry:"):
        return DryRun()
    if url.startswith("file:"):
        return ToFile(file_of(url, instance))
    return Gateway(url)


def file_of(url: str, instance: Path) -> Path:
    """Where the file provider writes (`file:` or `file:PATH`)."""
    name = url.removeprefix("file:").removeprefix("//")
    return Path(name) if name else instance / "sms.jsonl"
