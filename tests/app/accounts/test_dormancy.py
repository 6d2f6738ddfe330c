"""Accounts nobody uses: reminded once, stopped later, never an administrator and never a cadre, nobody unreminded."""

from app.administration import dormancy
from rows import count, run
from tenants import clock
from world import World

USED = "UPDATE accounts SET last_login_at = '2026-06-10 00:00:00+00:00', opened_at = '2026-06-01 00:00:00+00:00'"


def look(world: World, at: str) -> tuple[int, int]:
    clock.configure(f"{at}T09:00:00+08:00")
    with world.app.app_context():
        return dormancy.look(world.app.config["SETTINGS"])


def state(world: World, who: str, wanted: str) -> bool:
    return count(world.app, "accounts", f"id = '{world.accounts[who]}' AND state = '{wanted}'") == 1


def test_reminded_once_then_stopped_but_no_administrator_and_no_cadre(world):
    run(world.app, USED)
    everybody = count(world.app, "accounts")
    assert look(world, "2026-09-07") == (0, 0)
    assert look(world, "2026-09-08") == (everybody, 0)
    assert look(world, "2026-09-09") == (0, 0), "once"
    assert count(world.app, "messages", "template = 'dormant'") == everybody
    staff = count(world.app, "accounts", "kind = 'staff'") - count(world.app, "administrators")
    assert look(world, "2026-12-06") == (0, 0)
    assert look(world, "2026-12-07") == (0, staff) and look(world, "2026-12-08") == (0, 0)
    assert state(world, "clerk", "suspended") and state(world, "射阳 administrator", "active")
    assert state(world, "cadre", "active") and count(world.app, "administrators") == 7


def test_nobody_is_stopped_without_a_month_after_the_reminder(world):
    run(world.app, USED)
    assert look(world, "2027-03-01")[1] == 0 and look(world, "2027-03-02") == (0, 0), "the worker was off for long"
    assert look(world, "2027-03-30")[1] == 0 and look(world, "2027-03-31")[1] > 0


def test_who_came_back_is_not_stopped(world):
    run(world.app, USED)
    assert look(world, "2026-09-08")[0] > 0
    which = f"WHERE id = '{world.accounts['clerk']}'"
    run(world.app, f"UPDATE accounts SET last_login_at = '2026-11-01 00:00:00+00:00' {which}")  # noqa: S608
    look(world, "2026-12-07")
    assert state(world, "clerk", "active") and state(world, "chief", "suspended")


def test_a_cadre_who_never_came_is_not_written_to(world):
    run(world.app, USED, "UPDATE accounts SET last_login_at = NULL")
    look(world, "2026-09-08")
    cadres = "account_id IN (SELECT id FROM accounts WHERE kind = 'cadre')"
    assert count(world.app, "messages", cadres) == 0 < count(world.app, "messages")


def test_they_stand_in_a_list_inside_ones_reach(world):
    run(world.app, USED)
    later = world.at("2026-09-08T09:00:00+08:00")
    page = later.browser("射阳 administrator").get("/desk/accounts/dormant").text
    assert "射阳clerk" in page and "东台" not in page


def test_a_look_that_forgets_the_reminder_is_seen(world, monkeypatch):
    """Planted: whoever is due is stopped though nobody reminded him."""
    run(world.app, USED)
    monkeypatch.setattr(dormancy, "_reminded", lambda by=None: dormancy.Account.id.is_not(None))
    assert look(world, "2027-03-01")[1] > 0
