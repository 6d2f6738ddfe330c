"""长辈版: what a cadre sees on the phone: my record, my contact, what was done for me, an opinion, the type size."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.opinions import answers
from app.opinions import store as opinions
from app.opinions.model import Answer
from app.own import cadre
from app.schemas.bodies import OpinionBody
from app.web.auth import local_path
from app.web.forms import attempt, fields_of, submitted, typed
from app.web.own_notices import own_notices
from app.web.phone import elder_page, file_items, keep_size, spoken_day
from app.web.render import elder_size
from permissions.actions import Action
from permissions.guard import guard, me, public, signed_in
from permissions.roles import MOBILE
from tenants import clock

blueprint = Blueprint("elder", __name__, url_prefix="/m")
FIRST_SHOWN = 10
HIDDEN = "已登记，为保密不显示"
GROUPS = (
    ("基本情况", ("name", "sex", "birth_date", "ethnicity", "political_status", "joined_party_on", "branch")),
    ("工作和离退休", ("started_work_on", "retirement_type", "retired_on", "former_unit", "former_post", "rank",
                "treatment_level", "unit_name")),
    ("联系方式和其他", ("id_number", "mobile", "address", "living_arrangement", "health_status")),
)


@blueprint.get("/home")
@signed_in(channels=MOBILE)
def home() -> Any:
    """The cadre's own home; staff are led to theirs."""
    if not me().is_cadre:
        return redirect(url_for("mobile.home"))
    year = str(clock.today().year)
    done = sum(each["on"].startswith(year) for each in cadre.services(me()))
    return elder_page("elder/home.html", done=done, own_notices=[*_answered(), *own_notices()])


def _answered() -> list[dict[str, str]]:
    """That there are answers I have not said I read."""
    number = answers.unseen(me())
    many = f"（{number} 条）" if number > 1 else ""
    return [{"text": f"您提的意见建议，单位答复了{many}。", "href": url_for("elder.own_opinions"), "label": "看答复",
             "tone": "good", "icon": "chat"}] if number else []


@blueprint.get("/own/file")
@guard(Action.OWN_FILE_READ, channels=MOBILE)
def own_file() -> str:
    """My record, sensitive numbers masked."""
    file = cadre.own_file(me())
    groups = [(title, file_items(file, names, hidden=HIDDEN)) for title, names in GROUPS]
    return elder_page("elder/file.html", groups=groups)


@blueprint.get("/own/contact")
@guard(Action.OWN_FILE_READ, channels=MOBILE)
def own_contact() -> str:
    """My contact person, one tap to call."""
    return elder_page("elder/contact.html", found=cadre.contact(me()))


@blueprint.get("/own/services")
@guard(Action.OWN_FILE_READ, channels=MOBILE)
def own_services() -> str:
    """What was done for me, in plain words, newest first."""
    done = cadre.services(me())
    shown = done if request.args.get("all") else done[:FIRST_SHOWN]
    return elder_page("elder/services.html", rows=[_in_words(each) for each in shown], total=len(done))


def _in_words(service: dict[str, Any]) -> dict[str, str]:
    """`10月3日`, `射阳县委老干部局看望了您`, `节日慰问 · 家中`."""
    said: str = service["service"]
    minutes = f"服务 {service['minutes']} 分钟" if service["minutes"] else ""
    return {"on": spoken_day(service["on"], this_year=clock.today().year),
            "what": said if said.startswith("您") else f"{service['unit_name']}{said}",
            "more": " · ".join(part for part in (service["summary"], minutes) if part)}


def _opinions(values: dict[str, Any], errors: Any) -> str:
    field = fields_of(OpinionBody(), values, errors)["text"]
    field |= {"label": "请写在这里", "rows": 5, "help": "最多 1000 字。单位里的工作人员会看到。"}
    mine = _mine()
    return elder_page("elder/opinions.html", field=field, mine=mine, unseen=any(each["fresh"] for each in mine))


def _mine() -> list[dict[str, Any]]:
    """What I wrote and what was answered: the last word, and whether I have not said I read it."""
    wrote = opinions.own(me())
    said = answers.mine(wrote)
    return [{"on": _day(each.created_at), "text": each.text, "answer": _answer(said[each.id]),
             "fresh": any(one.seen_at is None for one in said[each.id])} for each in wrote]


def _day(at: datetime) -> str:
    return spoken_day(clock.local(at).date().isoformat(), this_year=clock.today().year)


def _answer(said: list[Answer]) -> dict[str, Any] | None:
    return {"on": _day(said[0].answered_at), "who": "单位", "text": said[0].text,
            "corrected": len(said) > 1} if said else None


@blueprint.get("/own/opinions")
@guard(Action.OPINION_LEAVE, channels=MOBILE)
def own_opinions() -> str:
    """Leave an opinion; what I wrote before."""
    return _opinions({}, {})


@blueprint.post("/own/opinions")
@guard(Action.OPINION_LEAVE, channels=MOBILE)
def leave_opinion() -> Any:
    """An opinion for my unit."""
    tried = attempt(lambda: opinions.leave(me(), submitted(OpinionBody())["text"]))
    if tried.failed:
        return _opinions(typed(OpinionBody()), tried.errors), tried.status
    flash(f"您的意见已经送到{me().unit.name}，工作人员看过会答复您。谢谢您！", "success")
    return redirect(url_for("elder.own_opinions"), 303)


@blueprint.post("/own/opinions/seen")
@guard(Action.OPINION_LEAVE, channels=MOBILE)
def see_answers() -> Response:
    """I have read what was answered."""
    answers.see(me())
    return redirect(url_for("elder.own_opinions"), 303)


@blueprint.get("/elder")
@public()
def about() -> str:
    """What 长辈版 is, and the two type sizes."""
    return render_template("elder/about.html", elder_size=elder_size())


@blueprint.post("/elder")
@public()
def choose_size() -> Response:
    """Keep the type size and go back to where one was."""
    back = local_path(request.form.get("next"), "/m", "/login", "/password")
    return keep_size(redirect(back or url_for("auth.index"), 303), request.form.get("size", ""))
