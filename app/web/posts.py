"""The switch between posts, at the head of the console and on 我的 of the phone."""

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from app.administration import posts
from app.web.auth import home_of
from app.web.forms import attempt
from permissions.guard import me, signed_in

blueprint = Blueprint("posts", __name__)


@blueprint.post("/post")
@signed_in()
def choose() -> Response:
    """Work in another unit from now on; begins at home, since what was in view may belong to the other post."""
    wanted = request.form.get("unit_id", "")[:22]
    done = attempt(lambda: posts.choose(wanted or None))
    name = next((post.unit.name for post in posts.of(me()) if post.unit.id == wanted), "")
    if done.failed:
        flash(posts.NOT_MINE, "error")
    else:
        flash(f"现在办理 {name} 的工作。" if name else "现在各岗位的工作一起看。", "success")
    return redirect(home_of(me().channel, me().account.kind), 303)
