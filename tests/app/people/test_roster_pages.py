"""The import pages: try, look, confirm from the same upload; the sender's alone, and gone when no longer needed."""

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import jobs
from roster_files import counted, planted, roster, rows_of
from world import World

URL = "/desk/cadres/import"
WHO = "射阳 administrator"


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The administrator's browser; forms are sent without their token."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    return world.browser(WHO)


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Calls are noted, not followed."""
    noted: list[str] = []
    monkeypatch.setitem(world.app.extensions, "wake", noted.append)
    jobs.stopping.clear()
    return noted


def sent(client: FlaskClient, data: bytes, name: str = "名册.xlsx", **form: str) -> TestResponse:
    return client.post(URL, data={"file": (io.BytesIO(data), name), **form})


def text_of(response: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def uploads(world: World) -> set[str]:
    return {path.name for path in (world.app.config["SETTINGS"].instance / "imports").glob("*")}


def test_try_look_and_confirm_without_a_second_upload(world: World, desk: FlaskClient) -> None:
    made, before, files = planted(world), counted(world), uploads(world)
    assert desk.get(f"{URL}/template").data[:2] == b"PK"
    answer = sent(desk, made.xlsx(), "某县/320999193801150017.xlsx", unit=world.units["射阳"])
    assert answer.status_code == 303
    assert counted(world) == before and len(uploads(world) - files) == 2
    trial = desk.get(answer.location)
    words = text_of(trial)
    assert "试导入结果" in words and "24 行可以导入，16 行有错" in words and "320999" not in words
    assert "与第 7 行重复" in words and "这些列不认识，没有导入：序号、备注" in words

    narrowed = text_of(desk.get(f"{answer.location}?column=mobile"))
    assert "符合条件的 3 处" in narrowed and "校验位" not in narrowed
    assert "没有符合条件的错误" in text_of(desk.get(f"{answer.location}?row=5"))
    assert desk.get(f"{answer.location}?q=5").status_code == 400

    done = desk.post(f"{answer.location}/confirm", data={"on_error": "skip"})
    assert done.status_code == 303 and counted(world)[0] == before[0] + 24
    words = text_of(desk.get(done.location))
    assert "24 行已导入，16 行有错没有导入" in words and "确认导入" not in words
    assert len(rows_of(desk.get(f"{done.location}/errors.xlsx").data)) == 3 + 16
    again = desk.post(f"{answer.location}/confirm", data={"on_error": "skip"})
    assert again.location == done.location and counted(world)[0] == before[0] + 24
    assert len(uploads(world) - files) == 2  # two error files; the upload is gone
    assert "查看导入结果" in text_of(desk.get(answer.location))
    assert text_of(desk.get(URL)).count("名册") > 1


def test_all_or_nothing_is_a_choice_on_the_same_page(world: World, desk: FlaskClient) -> None:
    before, tried = counted(world), sent(desk, planted(world).xlsx())
    wrong = desk.post(f"{tried.location}/confirm", data={"on_error": "maybe"})
    assert wrong.status_code == 422 and "请选择有错的行怎么办" in text_of(wrong)
    done = desk.post(f"{tried.location}/confirm", data={"on_error": "abort"})
    assert "按您的选择，一行也没有导入" in text_of(desk.get(done.location)) and counted(world) == before


def test_what_cannot_be_read_is_said_beside_the_field(world: World, desk: FlaskClient) -> None:
    for content, status, word in ((b"a,b\n1,2", 415, "CSV"), (b"", 422, "文件是空的"), (b"PK\x03\x04", 422, "已损坏")):
        answer = sent(desk, content)
        assert answer.status_code == status and word in text_of(answer) and "上传并试导入" in text_of(answer)
    assert desk.post(URL, data={}).status_code == 422
    assert sent(desk, roster(1).xlsx(), unit=world.units["东台"]).status_code == 404
    assert desk.get(f"{URL}?unit={world.units['东台']}").status_code == 404


def test_a_long_one_shows_its_progress(world: World, desk: FlaskClient, calls: list[str]) -> None:
    tried = sent(desk, roster(250).xlsx())
    assert "正在试导入" in text_of(desk.get(tried.location)) and "排队中" in text_of(desk.get(tried.location))
    polled = desk.get(f"{tried.location}/progress", headers={"HX-Request": "true"})
    assert "hx-get" in polled.text and "<html" not in polled.text and "HX-Redirect" not in polled.headers
    assert desk.get(f"{tried.location}/progress").status_code == 302
    assert desk.post(f"{tried.location}/confirm", data={"on_error": "skip"}).status_code == 409
    with world.app.app_context():
        jobs.run(calls[-1])
    polled = desk.get(f"{tried.location}/progress", headers={"HX-Request": "true"})
    assert polled.headers["HX-Redirect"] == tried.location
    before = counted(world)
    done = desk.post(f"{tried.location}/confirm", data={"on_error": "skip"})
    assert "正在导入" in text_of(desk.get(done.location))
    with world.app.app_context():
        jobs.run(calls[-1])
    assert "250 行全部导入" in text_of(desk.get(done.location)) and counted(world)[0] == before[0] + 250


@pytest.mark.parametrize("other", ["盐城 administrator", "东台 administrator"])
def test_nobody_else_sees_it(world: World, desk: FlaskClient, other: str) -> None:
    tried, stranger = sent(desk, planted(world).xlsx()), world.browser(other)
    paths: list[tuple[str, Any]] = [("", "get"), ("/progress", "get"), ("/errors.xlsx", "get"), ("/confirm", "post")]
    for path, method in paths:
        assert getattr(stranger, method)(f"{tried.location}{path}").status_code == 404


@pytest.mark.parametrize("other", ["clerk", "chief", "province auditor", "cadre"])
def test_without_the_right_there_is_no_page(world: World, desk: FlaskClient, other: str) -> None:
    stranger = world.browser(other)
    assert {stranger.get(path).status_code for path in (URL, f"{URL}/template")} == {403}
    assert sent(stranger, roster(1).xlsx()).status_code == 403
