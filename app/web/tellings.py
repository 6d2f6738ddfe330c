"""What people are told on their first page, and putting it away."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.records import telling
from app.schemas.fields import is_id
from permissions.guard import me, signed_in
from permissions.roles import MOBILE, PC

blueprint = Blueprint("tellings", __name__)


def tellings() -> list[dict[str, Any]]:
    """My unread ones in words, the latest first."""
    return [{"id": each.id, "text": f"{each.cause}：您负责录入的 {each.records:,} 件待录记录，截止日有变动，"
                                    "请以现在显示的截止日为准。"} for each in telling.unread(me().account.id)]


def _put_away() -> None:
    for each in request.form.getlist("id")[:20]:
        if is_id(each):
            telling.put_away(each, me().account.id)


@blueprint.post("/desk/tellings")
@signed_in(channels=PC)
def put_away() -> Response:
    """Put away what was shown on the console."""
    _put_away()
    return redirect(url_for("desk.home"), 303)


@blueprint.post("/m/tellings")
@signed_in(channels=MOBILE)
def put_away_mobile() -> Response:
    """Put away what was shown on the phone."""
    _put_away()
    return redirect(url_for("mobile.home"), 303)
