"""An export as a job: masked, watermarked, logged; for its asker alone, for a day; called off, killed, done again."""


import pytest
from export_files import (
    ALL,
    PURPOSE,
    ask,
    change,
    entries,
    exported,
    file_of,
    fill,
    job_of,
    stored,
    table_of,
    unit_of,
    work,
)

from app import jobs
from app.exports import asking, kept
from app.exports import work as working
from permissions.accounts import Account
from permissions.grants import Grant, Seat
from tenants import clock, provision
from tenants.db import db
from tenants.models import Unit
from world import World

WHO = "射阳 administrator"
NOW = "2026-06-10T10:00:00+08:00"


def test_masked_with_a_watermark_and_in_the_log(world: World, calls: list[str]) -> None:
    job_id = ask(world, WHO, f"/cadres/export?unit={world.units['射阳']}&q=32099919380115001X")
    assert calls == [job_id] and job_of(world, WHO, job_id)["state"] == "waiting"
    with world.app.app_context():
        params = db.session.execute(ALL.select(jobs.Job, jobs.Job.params).where(jobs.Job.id == job_id)).scalar_one()
        assert "3209991938" not in str(params)
    rows = exported(world, WHO, f"/cadres/export?unit={world.units['射阳']}")
    assert len(rows) == 3 and {row["家庭住址"] for row in rows} == {"***"} == {row["健康状况"] for row in rows}
    assert all("*" in row["身份证号"] and "*" in row["手机号码"] for row in rows)
    assert {row["参加工作时间"] for row in rows} == {"1958-07"} and {row["单位"] for row in rows} == {
        "射阳", "合德镇"}
    (entry,) = entries(world, "cadre:export")
    assert (entry.after or {}) == {"purpose": "核对走访名单", "exported": 3, "clear_rows": 0,
                                   "conditions": "单位：射阳（含下级）"}
    assert entry.actor == world.accounts[WHO] and len(entries(world, "cadre:export_file")) == 1
    job_id = ask(world, WHO, "/cadres/export")
    work(world, job_id)
    said, _table = table_of(file_of(world, WHO, job_id))
    with world.app.app_context():
        tail = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[WHO])).scalar_one().phone[-4:]
    assert any("用途：核对走访名单" in each for each in said) and any(job_id in each and tail in each for each in said)


def test_in_clear_where_the_table_allows_it_and_when_asked_for(world: World) -> None:
    rows = exported(world, WHO, "/cadres/export", PURPOSE | {"clear": True})
    own, below = ([row for row in rows if row["单位"] == unit] for unit in ("射阳", "合德镇"))
    assert {row["家庭住址"] for row in own} == {"射阳路1号"} and {row["家庭住址"] for row in below} == {"***"}
    assert all("*" not in row["身份证号"] for row in own) and all("*" in row["身份证号"] for row in below)
    (entry,) = entries(world, "cadre:export")
    assert (entry.after or {})["clear_rows"] == 2
    refused = world.api("county auditor").post("/cadres/export", PURPOSE | {"clear": True})
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    fill(world, 2)
    for body, said in ((PURPOSE, {"***"}), (PURPOSE | {"clear": True}, {"反馈射阳"})):
        assert {row["反馈情况"] for row in exported(world, "clerk", "/records/visits/export", body)} == said
    with pytest.raises(AssertionError):
        exported(world, "chief", "/records/visits/export", PURPOSE | {"clear": True})


def test_what_is_refused(world: World) -> None:
    api = world.api(WHO)
    for body, field in (({}, "purpose"), ({"purpose": "看"}, "purpose"), (PURPOSE | {"rows": 5}, "rows"),
                        (PURPOSE | {"clear": "yes"}, "clear")):
        answer = api.post("/cadres/export", body)
        assert answer.status_code == 422 and field in answer.json["fields"], body
    assert api.post("/cadres/export?limit=5", PURPOSE).status_code == 400
    assert api.post("/cadres/export?name=x", PURPOSE).status_code == 400
    assert api.post(f"/cadres/export?unit={world.units['南通']}", PURPOSE).status_code == 404
    assert api.post("/records/nothing/export", PURPOSE).status_code == 404
    assert world.api("reviewer").post("/cadres/export", PURPOSE).status_code == 403
    assert world.api("column clerk").post("/records/branch_activities/export", PURPOSE).status_code == 403
    for _each in range(asking.MOST_WAITING):
        ask(world, WHO, "/cadres/export")
    full = api.post("/cadres/export", PURPOSE)
    assert (full.status_code, full.json["code"]) == (409, "too_many_jobs")


def test_for_the_asker_alone(world: World) -> None:
    job_id = ask(world, WHO, "/cadres/export")
    early = world.api(WHO).get(f"/jobs/{job_id}/file")
    assert (early.status_code, early.json["code"]) == (409, "not_ready")
    work(world, job_id)
    for other in ("盐城 administrator", "clerk", "county auditor"):
        assert world.api(other).get(f"/jobs/{job_id}/file").status_code == 404
        assert world.api(other).post(f"/jobs/{job_id}/cancel").status_code == 404
    assert world.api("cadre").get(f"/jobs/{job_id}/file").status_code == 403
    late = world.api(WHO).post(f"/jobs/{job_id}/cancel")
    assert (late.status_code, late.json["code"]) == (409, "finished")


def test_gone_after_a_day(world: World) -> None:
    clock.configure(NOW)
    job_id = ask(world, WHO, "/cadres/export")
    work(world, job_id)
    assert len(stored(world)) == 1
    later = world.at("2026-06-11T10:00:01+08:00")
    gone = later.api(WHO).get(f"/jobs/{job_id}/file")
    assert (gone.status_code, gone.json["code"]) == (409, "expired") and "过期" in gone.json["message"]
    with world.app.app_context():
        assert kept.clear_away() == 1
    assert stored(world) == []
    assert "已过期" in later.browser(WHO).get(f"/desk/exports/{job_id}").text
    assert later.api(WHO).get(f"/jobs/{job_id}/file").json["code"] == "expired"
    with world.app.app_context():
        clock.configure("2026-06-18T10:00:00+08:00")
        kept.clear_away()
        assert db.session.execute(ALL.select(jobs.Job).where(jobs.Job.id == job_id)).first() is None


@pytest.mark.parametrize("loss", ["unit moved away", "seat taken", "column taken", "clear right taken"])
def test_a_file_is_closed_when_the_scope_has_shrunk(world: World, loss: str) -> None:
    fill(world, 2)
    who, path, body = WHO, "/records/visits/export", dict(PURPOSE)
    if loss == "column taken":
        who = "clerk"
    if loss == "clear right taken":
        who, body = "clerk", PURPOSE | {"clear": True}
    job_id = ask(world, who, path, body)
    work(world, job_id)
    file_of(world, who, job_id)

    def lose() -> Unit:
        unit = unit_of(world, "射阳")
        if loss == "unit moved away":
            return provision.move_unit(unit_of(world, "合德镇"), unit_of(world, "东台"))
        if loss == "seat taken":
            seat = Seat.account_id == world.accounts[who]
            db.session.delete(db.session.execute(ALL.select(Seat).where(seat)).scalar_one())
            return unit
        grant = db.session.execute(ALL.select(Grant).where(Grant.account_id == world.accounts[who])).scalar_one()
        if loss == "column taken":
            grant.columns = ["party_garden"]
        else:
            grant.role = "auditor"
        return unit

    change(world, lose)
    closed = world.api(who).get(f"/jobs/{job_id}/file")
    assert closed.status_code == 403, closed.text
    if loss in ("unit moved away", "clear right taken"):
        assert closed.json["message"] == working.NARROWED
        assert working.NARROWED in world.browser(who).get(f"/desk/exports/{job_id}").text
    assert not any(entry.result == "ok" for entry in entries(world, "record:export_file")[1:])


