"""`/me/posts`, `/me/post`: my posts in several units, and the one this log-in works in."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import posts
from app.api.declare import routes
from app.api.reading import answer, values
from app.schemas.bodies import PostBody
from permissions.guard import me, signed_in

blueprint = Blueprint("api_posts", __name__, url_prefix="/api/v1", description="岗位")
route = routes(blueprint)


def _post_out(post: posts.Post) -> dict[str, Any]:
    return {"unit_id": post.unit.id, "name": post.unit.name, "roles": [role.value for role in post.roles]}


@route("GET", "/me/posts")
@signed_in()
def mine() -> Response:
    """我在各单位的岗位，和这次登录选定的岗位"""
    found = [_post_out(each) for each in posts.of(me())]
    chosen = me().post
    return answer({"items": found, "next": None, "total": len(found),
                   "current": chosen.id if chosen is not None else None})


@route("PUT", "/me/post", takes=PostBody)
@signed_in()
def choose() -> Response:
    """选定这次登录办理哪个单位的工作；空表示全部岗位"""
    unit_id = values(PostBody()).get("unit_id")
    posts.choose(unit_id)
    return answer({"current": unit_id})
