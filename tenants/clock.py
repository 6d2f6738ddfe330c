"""The one clock: every "now" and "today" of the system is asked for here."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

# The zone and not a fixed +08:00: China kept summer time (+09:00) in 1986-1991, and an
# instant of those years shown with a fixed offset would fall on the wrong day at midnight.
SHANGHAI = ZoneInfo("Asia/Shanghai")


class ClockError(ValueError):
    """The setting of a demonstration clock cannot be read as an ISO time with an offset."""


_frozen: datetime | None = None
_file: Path | None = None


_last_good: dict[Path, datetime] = {}


def configure(now_setting: str | None) -> None:
    """Set the clock: None or "" for the real one, else YINLING_NOW of a demonstration.

    "2026-03-31T23:59:59+08:00" is a clock that stands still at that instant. "@FILE"
    names a file holding such a time; it is read anew at each use, so that writing the
    file moves the clock. Raises ClockError, and leaves the clock as it was, when the time
    is malformed or has no offset or the file cannot be read.
    """
    global _frozen, _file
    setting = (now_setting or "").strip()
    if setting.startswith("@"):
        path = Path(setting[1:]).absolute()
        _read(path)
        _frozen, _file = None, path
    else:
        _frozen, _file = (_parse(setting, "YINLING_NOW") if setting else None), None


def now() -> datetime:
    """Return the present instant, aware, in UTC. Raises ClockError if @FILE went bad."""
    if _file is not None:
        return _read(_file)
    return _frozen or datetime.now(UTC)


def today() -> date:
    """Return the present day in Asia/Shanghai, whatever the zone of the server."""
    return now().astimezone(SHANGHAI).date()


def local(instant: datetime) -> datetime:
    """Return an aware instant as seen in Asia/Shanghai. Raises ValueError when naive."""
    if instant.utcoffset() is None:
        raise ValueError("a time without an offset is not an instant")
    return instant.astimezone(SHANGHAI)


def iso(instant: datetime) -> str:
    """Return an aware instant as `YYYY-MM-DDTHH:MM:SS+08:00`, cut to the second.

    The offset is the one then in force in Asia/Shanghai: +08:00 since September 1991.
    Raises ValueError when naive.
    """
    return local(instant).isoformat(timespec="seconds")


def _read(path: Path) -> datetime:
    """The time in the file; a file emptied for a moment while it is written anew still tells the last good one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ClockError(f"the clock file {path} cannot be read: {error}") from error
    if not text.strip() and path in _last_good:
        return _last_good[path]
    _last_good[path] = _parse(text.strip(), str(path))
    return _last_good[path]


def _parse(text: str, source: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.utcoffset() is None:
            raise ValueError("the offset is missing")
        if not 1900 <= instant.year <= 2100:
            raise ValueError("the year is not in 1900-2100")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        example = "2026-03-31T23:59:59+08:00"
        raise ClockError(f"{source}: {text[:40]!r} is not a time like {example} ({error})") from error
