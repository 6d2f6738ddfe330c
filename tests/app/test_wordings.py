"""No wording of an SMS is altered or lost; a message keeps its own; the auditor reads who was told in which."""

from hashlib import sha256

import pytest
import sms_file

import factories
import rows
from app import outbox
from app.obligations import scheduler
from app.sms import wordings
from permissions import transaction
from permissions.accounts import Account
from tenants import clock, tree
from tenants.db import db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everything")
# Whoever changes words adds a wording to `WORDINGS` and a line here; no line is changed.
KEPT = {
    "account_opened 1": "f57c056272c5faa4",
    "password_resent 1": "98987b544e9924dd",
    "second_factor_reset 1": "6f01d4e52cd6b9fa",
    "phone_left 1": "c2cda1b646911a03",
    "phone_taken_up 1": "79c2bee55d956bab",
    "login_code 1": "13fd73000c0e17d3",
    "dormant 1": "6b6f974a46d7ea7e",
    "daily_digest 1": "7ecae18126b827b5",
}


def test_every_wording_there_ever_was_is_still_there() -> None:
    now = {f"{template} {version}": sha256(wordings.wording(template, version).encode()).hexdigest()[:16]
           for template in wordings.WORDINGS for version in range(1, wordings.newest(template) + 1)}
    assert now == KEPT
    for version in (0, 99):
        with pytest.raises(IndexError):
            wordings.wording("daily_digest", version)


def test_a_message_is_sent_in_the_words_it_was_written_under(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts["clerk"])).scalar_one()
        outbox.queue(account, "dormant", {"days": "80"})
        newer = {**wordings.WORDINGS, "dormant": (*wordings.WORDINGS["dormant"], "新的话：{days} 天")}
        monkeypatch.setattr(wordings, "WORDINGS", newer)
        outbox.queue(account, "dormant", {"days": "81"})
    found = {line["template_version"]: line["text"] for line in sms_file.sent(world) if line["template"] == "dormant"}
    assert found == {1: wordings.wording("dormant", 1).format(days="80"), 2: "新的话：81 天"}


def test_the_auditor_reads_who_was_told_what_and_when_in_which_wording(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=clock.today(), draft=True)
        transaction.audit.record("tests:record", "unit", None, unit)
    for day in ("17", "17"):
        clock.configure(f"2026-06-{day}T09:00:00+08:00")
        with world.app.app_context():
            scheduler.look()
    later = world.at("2026-06-17T10:00:00+08:00")
    (entry,) = [each for each in later.api("county auditor").get("/audit?action=obligation:digest").json["items"]
                if each["object_id"] == world.accounts["clerk"]]
    assert entry["after"] == {"told": entry["after"]["told"], "template_version": 1,
                              "text": wordings.wording("daily_digest", 1).format(words="您有 1 项今天到期")}
    page = later.browser("county auditor").get("/desk/log?action=obligation:digest").text
    assert "每日短信提醒" in page and "短信模板版本" in page and "您有 1 项今天到期" in page
    assert rows.count(world.app, "digests") == 3
