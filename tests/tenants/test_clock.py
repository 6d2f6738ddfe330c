"""The clock: the day is Shanghai's wherever the server stands, and tests can move it."""

import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tenants import clock


@pytest.fixture(autouse=True)
def _clock_kept():
    before = clock._frozen, clock._file
    yield
    clock._frozen, clock._file = before


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def _server_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Midnight(datetime):
    """A system clock at a moment when China and California have different days."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC).astimezone(tz)


@pytest.mark.usefixtures("_server_zone")
def test_real_clock_in_any_server_zone(monkeypatch):
    monkeypatch.setattr(clock, "datetime", Midnight)
    clock.configure(None)
    assert clock.now() == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.today() == date(2026, 4, 1)


@pytest.mark.usefixtures("_server_zone")
@pytest.mark.parametrize(
    ("setting", "day"),
    [
        ("2026-03-31T23:59:59+08:00", date(2026, 3, 31)),
        ("2026-04-01T00:00:00+08:00", date(2026, 4, 1)),
        ("2026-03-31T15:59:59Z", date(2026, 3, 31)),
        ("2026-03-31T09:00:00-07:00", date(2026, 4, 1)),
    ],
)
def test_day_changes_at_midnight_in_shanghai(setting, day):
    clock.configure(setting)
    assert clock.today() == day


def test_a_frozen_clock_stands_still_and_can_be_let_go(monkeypatch):
    clock.configure("2026-03-31T23:59:59+08:00")
    assert clock.now() == clock.now() == datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    monkeypatch.setattr(clock, "datetime", Midnight)
    clock.configure("")
    assert clock.now() == datetime(2026, 3, 31, 16, tzinfo=UTC)


def test_a_file_moves_the_clock(tmp_path):
    file = tmp_path / "now"
    file.write_text("2026-03-31T23:59:59+08:00\n")
    clock.configure(f"@{file}")
    assert clock.today() == date(2026, 3, 31)
    file.write_text("2026-04-01T00:00:00+08:00")
    assert clock.today() == date(2026, 4, 1)
    file.write_text("tomorrow")
    with pytest.raises(clock.ClockError, match="tomorrow"):
        clock.now()
    file.unlink()
    with pytest.raises(clock.ClockError, match="cannot be read"):
        clock.now()


def test_a_file_is_found_after_the_working_folder_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "now").write_text("2026-04-01T00:00:00+08:00")
    clock.configure("@now")
    monkeypatch.chdir("/")
    assert clock.today() == date(2026, 4, 1)


@pytest.mark.parametrize(
    "setting",
    [
        "now",
        "2026-03-31",
        "2026-03-31T23:59:59",
        "2026-02-30T00:00:00+08:00",
        "2026-03-31T23:59:59+25:00",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "@",
        "@/no/such/file",
        "1775000000",
    ],
)
def test_malformed_settings_are_refused_at_once_and_change_nothing(setting):
    clock.configure("2026-01-01T00:00:00+08:00")
    with pytest.raises(clock.ClockError):
        clock.configure(setting)
    assert clock.today() == date(2026, 1, 1)


def test_iso_carries_the_offset_of_shanghai():
    assert clock.iso(datetime(2026, 3, 31, 16, 0, 0, 999999, tzinfo=UTC)) == "2026-04-01T00:00:00+08:00"
    assert clock.local(datetime(2026, 3, 31, 16, tzinfo=UTC)).hour == 0


def crosses_midnight_in_summer_time(show):
    """Say whether 1 July 1988, 00:30 on the clocks of Shanghai, is shown as that day."""
    return show(datetime(1988, 6, 30, 15, 30, tzinfo=UTC)).date() == date(1988, 7, 1)


def test_summer_time_of_1986_to_1991_is_known():
    assert crosses_midnight_in_summer_time(clock.local)
    assert not crosses_midnight_in_summer_time(lambda t: t.astimezone(timezone(timedelta(hours=8))))


def test_a_naive_time_is_no_instant():
    naive = datetime(2026, 4, 1)  # noqa: DTZ001 (that is the point)
    with pytest.raises(ValueError, match="without an offset"):
        clock.iso(naive)
