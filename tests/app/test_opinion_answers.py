"""Answering opinions (第十七条): who may, by when, what the writer sees, and what is done about those that wait."""

import pytest

import rows
from app.obligations import scheduler
from tenants import clock
from world import World

WORDS = "已请物业来修，下周装好。"
STEPS = "SELECT step, outcome FROM obligation_steps ORDER BY day, step"


def leave(world: World, text: str = "楼道的灯坏了", principal: str = "cadre") -> str:
    """An opinion; returns its id."""
    made = world.api(principal).post("/me/opinions", {"text": text})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


@pytest.fixture
def forms(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Pages without the forms' token."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    return world


def look(world: World, at: str) -> World:
    """One look of the scheduler; returns the world of that time."""
    clock.configure(at)
    with world.app.app_context():
        scheduler.look()
    return world.at(at)


def test_who_may_answer(world: World) -> None:
    opinion = leave(world)
    before = rows.digests(world.app)
    for who, status in (("column clerk", 403), ("other clerk", 404), ("town clerk", 404), ("东台 administrator", 404),
                        ("province auditor", 404), ("reviewer", 404), ("nobody", 404), ("cadre", 403)):
        answer = world.api(who).post(f"/opinions/{opinion}/answer", {"text": WORDS})
        assert answer.status_code == status, (who, answer.text)
    after = rows.digests(world.app)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"audit_entries", "audit_waiting"}
    for who in ("clerk", "phone clerk", "chief", "射阳 administrator", "盐城 administrator"):
        answer = world.api(who).post(f"/opinions/{leave(world)}/answer", {"text": WORDS})
        assert answer.status_code == 200, (who, answer.text)


def test_an_answer_reaches_its_writer_and_nobody_else(world: World) -> None:
    opinion = leave(world, principal="cadre")
    said = world.api("clerk").post(f"/opinions/{opinion}/answer", {"text": WORDS})
    assert (said.json["state"], [each["text"] for each in said.json["answers"]]) == ("answered", [WORDS])
    (mine,) = world.api("cadre").get("/me/opinions").json["items"]
    assert mine["answers"][0]["text"] == WORDS and mine["answers"][0]["seen_at"] is None
    assert world.api("second cadre").get("/me/opinions").json["total"] == 0
    assert world.api("second cadre").post("/me/opinions/seen", {}).status_code == 204
    assert world.api("clerk").get(f"/opinions/{opinion}").json["answers"][0]["seen_at"] is None
    assert world.api("cadre").post("/me/opinions/seen", {}).status_code == 204
    assert world.api("clerk").get(f"/opinions/{opinion}").json["answers"][0]["seen_at"] is not None


def test_it_is_answered_once_and_corrected_knowingly(world: World) -> None:
    opinion = leave(world)
    path = f"/opinions/{opinion}/answer"
    first = world.api("clerk").post(path, {"text": WORDS}).json["answers"][0]
    second = world.api("chief").post(path, {"text": "我也答复"})
    assert (second.status_code, second.json["code"]) == (409, "opinion_answered")
    better = world.api("chief").post(path, {"text": "改为明天来修。", "replaces": first["id"]})
    assert [(each["number"], each["text"]) for each in better.json["answers"]] == [(2, "改为明天来修。"), (1, WORDS)]
    late = world.api("clerk").post(path, {"text": "再改", "replaces": first["id"]})
    assert (late.status_code, late.json["code"]) == (409, "stale")
    assert better.json["answered_at"] == first["answered_at"], "a correction does not make it late"


def test_what_is_no_answer_is_refused(world: World) -> None:
    opinion = leave(world)
    for sent in ({}, {"text": " \n"}, {"text": "x" * 1001}, {"text": "好", "answered_at": "2026-01-01"},
                 {"text": "好", "replaces": "x"}):
        answer = world.api("clerk").post(f"/opinions/{opinion}/answer", sent)
        assert answer.status_code == 422 and answer.json["fields"], sent
    assert rows.count(world.app, "opinion_answers") == 0


def test_the_words_are_encrypted_and_the_log_says_who_and_not_what(world: World) -> None:
    opinion = leave(world)
    world.api("clerk").post(f"/opinions/{opinion}/answer", {"text": "密CANARY"})
    told = "".join(str(rows.ask(world.app, f"SELECT * FROM {table}")) for table in rows.tables())  # noqa: S608
    assert "CANARY" not in told
    (entry,) = world.api("射阳 administrator").get("/audit?action=opinion:answer").json["items"]
    assert (entry["object_id"], entry["actor_role"], entry["after"]) == (opinion, "clerk", {"answer": 1})


def test_it_is_due_after_ten_working_days_and_overdue_from_the_next_midnight(world: World) -> None:
    opinion = leave(world)  # 10 June; the Dragon Boat Festival lies between
    (one,) = world.api("clerk").get("/opinions?state=waiting").json["items"]
    assert (one["due_on"], one["state"]) == ("2026-06-25", "waiting")
    assert world.at("2026-06-25T23:59:00+08:00").api("clerk").get("/opinions?state=overdue").json["total"] == 0
    after = world.at("2026-06-26T00:00:00+08:00").api("clerk")
    assert [each["id"] for each in after.get("/opinions?state=overdue").json["items"]] == [opinion]
    assert after.get(f"/opinions/{opinion}").json["state"] == "overdue"
    after.post(f"/opinions/{opinion}/answer", {"text": WORDS})
    assert after.get("/opinions?state=overdue").json["total"] == after.get("/opinions?state=waiting").json["total"] == 0
    assert after.get("/opinions?state=answered").json["total"] == 1
    assert after.get("/opinions?state=lost").status_code == 400


def test_those_above_are_told_in_turn_until_it_is_answered(world: World) -> None:
    opinion = leave(world)
    for day in ("24", "25", "26"):
        world = look(world, f"2026-06-{day}T09:00:00+08:00")
    sent = [step for step, outcome in rows.ask(world.app, STEPS) if outcome == "sent"]
    assert sent and sent[-1] == "tell0" and all(step.startswith("remind") for step in sent[:-1])
    told = world.browser("射阳 administrator").get("/desk/todo").text
    assert "意见建议答复（答复），截止日 2026-06-25" in told and f"/desk/opinions/{opinion}" in told
    assert world.api("射阳 administrator").post(f"/opinions/{opinion}/answer", {"text": WORDS}).status_code == 200
    before = rows.count(world.app, "obligation_steps")
    for day in ("2026-06-29", "2026-06-30", "2026-07-01"):
        world = look(world, f"{day}T09:00:00+08:00")
    assert rows.ask(world.app, "SELECT state FROM obligations WHERE kind = 'opinion_answer'") == [("closed",)]
    assert rows.count(world.app, "obligation_steps") == before
    assert "已办结" in world.browser("射阳 administrator").get("/desk/todo").text


def test_the_pages_of_staff_show_it_count_it_and_answer_it(forms: World) -> None:
    opinion = leave(forms)
    desk = forms.browser("clerk")
    assert "待答复意见" in desk.get("/desk/").text and "1 条老同志的意见建议等您答复" in desk.get("/desk/todo").text
    assert "应于 2026-06-25 前答复" in desk.get("/desk/opinions?state=waiting").text
    empty = desk.post(f"/desk/opinions/{opinion}/answer", data={"text": " "})
    assert empty.status_code == 422 and "还没有送出" in empty.text
    assert desk.post(f"/desk/opinions/{opinion}/answer", data={"text": WORDS}).status_code == 303
    page = desk.get(f"/desk/opinions/{opinion}").text
    assert WORDS in page and "本人还没有看到" in page and "更正答复" in page
    again = desk.post(f"/desk/opinions/{opinion}/answer", data={"text": "第二份"})
    assert again.status_code == 409 and "已经答复过了" in again.text and "第二份" in again.text, "what was typed stays"
    assert "待答复意见" not in desk.get("/desk/").text
    assert "更正答复" not in forms.browser("column clerk").get(f"/desk/opinions/{opinion}").text


def test_the_phone_of_staff_does_the_same(forms: World) -> None:
    opinion = leave(forms)
    phone = forms.browser("phone clerk")
    assert "1 条等您答复" in phone.get("/m/").text and "等您答复" in phone.get("/m/todo").text
    assert f"/m/opinions/{opinion}" in phone.get("/m/opinions").text
    assert phone.post(f"/m/opinions/{opinion}/answer", data={"text": ""}).status_code == 422
    assert phone.post(f"/m/opinions/{opinion}/answer", data={"text": WORDS}).status_code == 303
    assert WORDS in phone.get(f"/m/opinions/{opinion}").text
    assert "没有待答复的意见建议" in phone.get("/m/opinions").text
    assert "没有等您答复的" in phone.get("/m/").text


def test_the_cadre_is_told_reads_it_and_puts_it_away(forms: World) -> None:
    opinion = leave(forms)
    own = forms.browser("cadre")
    assert "还没有答复" in own.get("/m/own/opinions").text and "单位答复了" not in own.get("/m/home").text
    made = forms.api("clerk").post(f"/opinions/{opinion}/answer", {"text": WORDS})
    assert "您提的意见建议，单位答复了" in own.get("/m/home").text
    page = own.get("/m/own/opinions").text
    assert WORDS in page and "有答复了" in page and "我看过了" in page
    assert own.post("/m/own/opinions/seen").status_code == 303
    assert "单位答复了" not in own.get("/m/home").text and "我看过了" not in own.get("/m/own/opinions").text
    forms.api("clerk").post(f"/opinions/{opinion}/answer", {
        "text": "明天就来修。", "replaces": made.json["answers"][0]["id"]})
    assert "单位答复了" in own.get("/m/home").text, "a correction is told again"
    page = own.get("/m/own/opinions").text
    assert "明天就来修。" in page and "更正过" in page and WORDS not in page
    assert "单位答复了" not in forms.browser("second cadre").get("/m/home").text
