"""换手机号码: the owner asks for another number on whichever end, sees what became of it, takes it back."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.administration import phone_changes
from app.administration.phone_request import STATES, PhoneChange
from app.schemas.bodies import PhoneChangeBody
from app.web.auth import home_of, look_of
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.logins import moment_words
from app.web.render import page
from permissions.guard import me, signed_in
from permissions.phone import mask_phone

blueprint = Blueprint("own_phone", __name__)
TONES = {"asked": "warn", "accepted": "good", "refused": "bad", "withdrawn": "plain"}


def _told(row: PhoneChange | None) -> dict[str, Any] | None:
    """The newest request in words."""
    if row is None:
        return None
    return {"waits": row.state == "asked", "facts": [
        {"label": "新号码", "value": row.masked}, {"label": "申请时间", "value": moment_words(row.asked_at)},
        {"label": "状态", "badge": {"text": STATES[row.state], "tone": TONES[row.state]}},
        *([{"label": "答复", "value": row.answer}] if row.answer else [])]}


def _own_page(failed: Attempt[Any] | None = None) -> str:
    look = look_of(me().channel, me().account.kind)
    schema = PhoneChangeBody()
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {})
    fields["phone"] |= {"autocomplete": "tel", "inputmode": "numeric", "help": "请填 11 个数字，不用加空格"}
    shown = [fields["phone"]] if me().is_cadre else list(fields.values())
    return page("auth/own_phone.html", layout=f"layout/{look}.html", look=look, fields=shown,
                told=_told(phone_changes.mine()), now=mask_phone(me().account.phone),
                general=failed.general_beside(fields) if failed else [], back_href=url_for("mobile.myself"),
                home_url=home_of(me().channel, me().account.kind))


@blueprint.get("/phone")
@signed_in()
def show() -> str:
    """The number I log in with, and the form for another."""
    return _own_page()


@blueprint.post("/phone")
@signed_in(proved=True, spares_cadres=True)
def ask() -> Any:
    """Ask for another number."""
    def do() -> PhoneChange:
        body = submitted(PhoneChangeBody())
        return phone_changes.ask_for_me(body["phone"], body.get("reason") or "")

    done = attempt(do)
    if done.failed:
        return _own_page(done), done.status
    flash("申请已经送出，管理员审核以后生效。在那以前，请照常用原来的号码登录。", "success")
    return redirect(url_for("own_phone.show"), 303)


@blueprint.post("/phone/withdraw")
@signed_in()
def withdraw() -> Response:
    """Take it back."""
    done = attempt(phone_changes.withdraw_mine)
    flash(done.message if done.failed else "申请已经撤回，号码不变。", "error" if done.failed else "success")
    return redirect(url_for("own_phone.show"), 303)
