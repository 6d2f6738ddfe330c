"""承诺书 on one's own page: the text in force, what was signed and when."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.administration import staff_file
from app.web.auth import home_of, look_of
from app.web.forms import attempt
from app.web.logins import moment_words
from app.web.render import page
from permissions.guard import me, signed_in

blueprint = Blueprint("commitment", __name__)


@blueprint.get("/commitment")
@signed_in()
def show() -> Any:
    """The text, and the button where it is not signed yet; cadres sign nothing."""
    if me().is_cadre:
        return redirect(home_of(me().channel, me().account.kind), 303)
    look = look_of(me().channel, me().account.kind)
    signed = [{"label": f"{each.version} 版", "value": f"{each.signed_at.year}年{moment_words(each.signed_at)}签署"}
              for each in staff_file.commitments(me().account.id)]
    return page("auth/commitment.html", layout=f"layout/{look}.html", look=look, text=staff_file.TEXT,
                version=staff_file.VERSION, signed=signed, owed=staff_file.owed(),
                back_href=url_for("mobile.myself"), home_url=home_of(me().channel, me().account.kind))


@blueprint.post("/commitment")
@signed_in()
def sign() -> Response:
    """Sign it."""
    done = attempt(staff_file.sign)
    flash(done.message if done.failed else "承诺书已签署，谢谢。", "error" if done.failed else "success")
    return redirect(url_for("commitment.show"), 303)
