"""A training's proof is a photo made anew, read within the scope of the file, each look logged; replaced and struck."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app.administration import training_proofs
from rows import ask, count
from world import World

ADMIN, ABOVE, BESIDE = "射阳 administrator", "盐城 administrator", "东台 administrator"


def picture(kind: str = "PNG", colour: str = "red") -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, kind)
    return made.getvalue()


@pytest.fixture
def path(world: World) -> str:
    """A training of the town clerk."""
    trainings = f"/accounts/{world.accounts['town clerk']}/trainings"
    made = world.api(ADMIN).post(trainings, {"name": "网络安全培训", "held_on": "2026-05-20"})
    assert made.status_code == 201 and made.json["proof"] is None
    return f"{trainings}/{made.json['id']}/proof"


def put(world: World, path: str, content: bytes, who: str = ADMIN, name: str = "证书.png") -> Any:
    return world.api(who).client.post(f"/api/v1{path}", data={"file": (BytesIO(content), name)},
                                      headers={"Authorization": f"Bearer {world.tokens[who]}"})


def kept(world: World) -> set[str]:
    with world.app.app_context():
        return {name for name, _written in training_proofs.shelf().names()}


def test_a_proof_is_kept_encrypted_and_read_by_whoever_reads_the_file(world: World, path: str) -> None:
    before = kept(world)
    assert world.api(ADMIN).get(path).status_code == 404, "none yet"
    made = put(world, path, picture("JPEG") + b"hidden behind it")
    assert made.status_code == 201, made.text
    assert made.json["proof"]["filename"] == "证书.jpg" and made.json["proof"]["content_type"] == "image/jpeg"
    stored = ask(world.app, "SELECT proof_as, proof_name FROM staff_trainings")[0]
    assert kept(world) - before == {stored[0]} and "证书" not in str(stored[1])
    for who, status in ((ADMIN, 200), (ABOVE, 200), ("合德镇 administrator", 200), (BESIDE, 404), ("clerk", 404),
                        ("county auditor", 404), ("town clerk", 404)):
        answer = world.api(who).get(path)
        assert answer.status_code in {status, 403 if status == 404 else status}, who
        assert (b"\xff\xd8\xff" in answer.data) is (status == 200) and b"hidden" not in answer.data
        if status == 200:
            assert answer.headers["Content-Disposition"].startswith("attachment")
    looks = world.api(ABOVE).get("/audit?action=account:training_proof_read").json
    assert looks["total"] == 3 and looks["items"][0]["object_id"] == world.accounts["town clerk"]


def test_it_is_replaced_and_goes_with_its_training(world: World, path: str) -> None:
    before = kept(world)
    assert put(world, path, picture()).status_code == 201
    first = kept(world) - before
    assert put(world, path, picture(colour="blue")).status_code == 201
    second = kept(world) - before
    assert len(second) == 1 and not first & second
    assert world.api(ADMIN).delete(path.removesuffix("/proof")).status_code == 204
    assert kept(world) == before and count(world.app, "staff_trainings") == 0
    assert world.api(ADMIN).get(path).status_code == 404
    assert count(world.app, "audit_entries", "action = 'account:training_proof'") == 2


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 certificate", b"<svg onload=alert(1)>", picture()[:60]])
def test_what_is_no_photo_is_refused_by_field_and_nothing_stays(world: World, path: str, content: bytes) -> None:
    before = kept(world)
    answer = put(world, path, content)
    assert answer.status_code == 422 and list(answer.json["fields"]) == ["file"]
    assert kept(world) == before and ask(world.app, "SELECT proof_as FROM staff_trainings") == [(None,)]


@pytest.mark.parametrize("who", ["town clerk", BESIDE, "clerk", "chief", "county auditor"])
def test_who_does_not_keep_the_file_lays_nothing_in_it(world: World, path: str, who: str) -> None:
    before = kept(world)
    assert put(world, path, picture(), who).status_code in (403, 404)
    assert kept(world) == before
    other = path.replace(world.accounts["town clerk"], world.accounts["chief"])
    assert put(world, other, picture()).status_code == 404, "another's training"


def test_the_page_uploads_and_shows_it(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    page, browser = f"/desk{path}", world.browser(ADMIN)
    shown = path.rpartition("/trainings")[0]
    assert "没有证明" in browser.get(f"/desk{shown}/file").text and "JPEG" in browser.get(page).text
    wrong = browser.post(page, data={"file": (BytesIO(b"text"), "a.txt")})
    assert wrong.status_code == 422 and "只能上传" in wrong.text
    assert browser.post(page, data={}).status_code == 422
    assert browser.post(page, data={"file": (BytesIO(picture()), "证书.png")}).status_code == 303
    assert "查看证明" in browser.get(f"/desk{shown}/file").text and "上传后替换" in browser.get(page).text
    assert browser.get(f"{page}/file").data.startswith((b"\xff\xd8\xff", b"\x89PNG"))
    assert world.browser(BESIDE).get(f"{page}/file").status_code == 404
    monkeypatch.setattr("permissions.sessions.proved", lambda *_told: False)
    asked = browser.post(page, data={"file": (BytesIO(picture()), "证书.png")})
    assert asked.status_code == 403 and "要再选一次" in asked.text
