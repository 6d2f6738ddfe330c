"""The guard on every view: who, on which end, for which action; a start that refuses an undeclared route.

The order is the contract's: 401 no live session, 403 `channel_closed`, then inside the view 404 for what lies
outside the scope, 403 for what may not be done, 409, 422. A guarded view must put its own action to the table
(`my_scope` or `require`); one that answers without having asked is stopped (`Unchecked`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Request, current_app, g, make_response, request
from flask.globals import app_ctx, request_ctx
from sqlalchemy.exc import DBAPIError

from permissions import audit, needs, proof, rotation, second_factor, sessions, table, transaction, wrong_end
from permissions.actions import Action
from permissions.identity import Principal
from permissions.roles import BOTH, Channel, Role
from permissions.table import Reach
from tenants import clock
from tenants.errors import (
    ChannelClosed,
    EnrolmentRequired,
    Forbidden,
    NotFound,
    PasswordChangeRequired,
    PasswordWanted,
    Refusal,
    SignedOut,
)
from tenants.place import Placed
from tenants.scope import Scope

View = TypeVar("View", bound=Callable[..., Any])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOGGED = frozenset({403, 404, 409})
HAD_ITS_TIME = "您的密码用满了规定的天数，请先换一个新密码。"
API_PROOF = "离上次输入密码已超过 15 分钟，请先用 POST /api/v1/sessions/current/proof 再确认一次是您本人。"


@dataclass(frozen=True)
class Mark:
    """What a view declares: rendered into OpenAPI and `docs/routes.json`, and swept by the tests."""

    kind: str  # public | signed_in | guarded
    action: Action | None = None
    channels: frozenset[Channel] = BOTH
    before_change: bool = False
    before_enrolment: bool = False
    late: bool = False  # begins as a reader: the view hashes a password first and then begins to write itself
    proved: bool = False  # wants a password typed a short while ago, as the acts of `table.PROVED` do
    spares_cadres: bool = False  # but not of cadres, who may know no password at all

    @property
    def for_cadres(self) -> bool:
        """Whether the action is a cadre's own; every other guarded view is a staff route."""
        return self.action is not None and table.reach(self.action, Role.cadre) is Reach.SELF

    @property
    def reach(self) -> dict[str, str]:
        """role -> cell, for those that hold it."""
        return {role.value: cell.value for role, cell in table.roles_for(self.action).items()} if self.action else {}


class Unguarded(RuntimeError):
    """A route without a declaration: the application does not start."""


class Unchecked(RuntimeError):
    """A guarded view answered without putting its action to the table."""


def _bearer(asked: Request) -> str | None:
    scheme, _space, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _identify() -> Principal:
    """The principal of the request's token: bearer only on the API; on a page the browser's, else a bearer's."""
    asked, now = request_ctx.request, clock.now()
    token = _bearer(asked) if asked.path.startswith("/api/") else _browser_token() or _bearer(asked)
    found = sessions.find(token, now, clock.local(now).date()) if token else None
    if found is None:
        raise SignedOut
    return found


def _browser_token() -> str | None:
    reader = current_app.extensions.get("browser_token")
    return reader() if reader is not None else None


def open_on(principal: Principal, channel: Channel) -> bool:
    """第十条: cadres on the phone only, staff on the PC with a grant, on the phone with access."""
    account = principal.account
    if channel is Channel.pc:
        return account.kind == "staff" and account.pc_grant
    return account.mobile_access


def _check_channel(principal: Principal, mark: Mark) -> None:
    if principal.channel not in mark.channels or not open_on(principal, principal.channel):
        raise ChannelClosed(wrong_end.told_at(principal, mark.channels))
    if mark.kind == "guarded" and principal.is_cadre and not mark.for_cadres:
        raise ChannelClosed
    if principal.account.must_change_password and not mark.before_change:
        raise PasswordChangeRequired
    if not mark.before_change and rotation.due(principal.account):
        raise PasswordChangeRequired(HAD_ITS_TIME)
    if not (mark.before_change or mark.before_enrolment) and second_factor.owed(principal):
        raise EnrolmentRequired


def _ask_for_proof(mark: Mark) -> None:
    """An act of weight needs a password typed a short while ago; a page asks on the spot, the API says where to."""
    principal: Principal = g.principal
    device = principal.session
    asks = (mark.proved or mark.action in table.PROVED) and request.method not in _SAFE
    spared = mark.spares_cadres and principal.is_cadre
    if not asks or spared or device is None or sessions.proved(device, clock.now()):
        return
    if request.path.startswith("/api/"):
        raise PasswordWanted(API_PROOF)
    transaction.begin(writes=False)
    proof.take(principal, device, request.form.get(proof.FIELD), request.remote_addr or "")
    transaction.begin(writes=True)
    g.principal = _identify()


def _enter(mark: Mark) -> None:
    here = app_ctx.g  # each look through a proxy is several calls
    here.pop("principal", None)
    here.pop("actor", None)
    here.asked = set()
    here.mark = mark
    transaction.begin(writes=request.method not in _SAFE and not mark.late)
    if mark.kind == "public":
        return
    principal = here.principal = _identify()
    audit.act_as(principal)
    _check_channel(principal, mark)
    if mark.for_cadres and not principal.is_cadre:
        raise Forbidden
    _ask_for_proof(mark)


def _see(*, reading: bool) -> None:
    """Keep when and from where this session was last used; a reader's own work is over by then."""
    principal: Principal | None = g.get("principal")
    device = principal.session if principal is not None else None
    if device is None or not sessions.unseen(device, clock.now(), reading=reading):
        return
    if not reading:
        sessions.see(device, clock.now(), request.remote_addr or "")
        return
    try:
        transaction.begin(writes=True)
        sessions.see(device, clock.now(), request.remote_addr or "")
        transaction.finish_act()
    except DBAPIError:  # a database that only reads just now: the page is worth more than its time
        transaction.abandon()


def log_refusal(refusal: Refusal) -> None:
    """Keep that somebody was told no; what he only typed wrong is kept where it would have given a right."""
    mark: Mark = g.mark
    principal: Principal | None = g.get("principal")
    asked_only = isinstance(refusal, PasswordWanted) and not refusal.wrong
    mistyped = refusal.status == 422 and request.method not in _SAFE and mark.action in table.GIVES_RIGHTS
    if principal is None or asked_only or not (refusal.status in _LOGGED or mistyped):
        return
    target = next((str(value) for value in reversed(list((request.view_args or {}).values()))), "")
    kept = target[:64] if target.isascii() and target.isprintable() else None
    audit.refuse(mark.action or "session", (request.endpoint or "").rpartition(".")[0] or "page", kept or None,
                 principal.unit, refusal.code)


def _run(mark: Mark, view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        _enter(mark)
        response = make_response(view(*args, **kwargs))
        if response.status_code >= 400:
            transaction.abandon()
        else:
            if mark.kind == "guarded" and not mark.for_cadres and mark.action not in g.asked:
                raise Unchecked(f"{request.endpoint} did not ask for {mark.action}")
            if request.method in _SAFE:
                transaction.finish_read()
                _see(reading=True)
            else:
                _see(reading=False)
                transaction.finish_act()
        return response
    except Refusal as refusal:
        transaction.revive()
        log_refusal(refusal)
        transaction.abandon()
        raise
    except BaseException:
        transaction.abandon()
        raise


def _marked(mark: Mark) -> Callable[[View], View]:
    def mark_view(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return _run(mark, view, args, kwargs)

        guarded.__guard__ = mark  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark_view


def public(*, late: bool = False) -> Callable[[View], View]:
    """Open to everybody, logged in or not."""
    return _marked(Mark("public", late=late))


def signed_in(*, channels: frozenset[Channel] = BOTH, before_change: bool = False, before_enrolment: bool = False,
              proved: bool = False, spares_cadres: bool = False, late: bool = False) -> Callable[[View], View]:
    """Open to any live session on these ends; `before_change` also before the first password change."""
    return _marked(Mark("signed_in", channels=channels, before_change=before_change,
                        before_enrolment=before_enrolment, proved=proved, spares_cadres=spares_cadres, late=late))


def guard(action: Action, *, channels: frozenset[Channel] = BOTH, proved: bool = False) -> Callable[[View], View]:
    """Open to those the table gives the action to; the view asks with `my_scope` or `require`."""
    return _marked(Mark("guarded", action, channels, proved=proved))


def me() -> Principal:
    """The principal of this request; SignedOut when there is none."""
    principal: Principal | None = g.get("principal")
    if principal is None:
        raise SignedOut
    return principal


def stand_in(principal: Principal) -> None:
    """Take on a principal outside a request: the worker does an asker's job with the asker's rights."""
    g.principal = principal
    g.asked = set()


def my_scope(action: Action, column: str | None = None, *, any_column: bool = False) -> Scope:
    """Where I may do this; Forbidden when nowhere."""
    g.asked.add(action)
    scope = needs.scope(me(), action, column, any_column=any_column)
    if not scope:
        raise Forbidden
    return scope


def sight(action: Action, column: str | None = None, *, any_column: bool = False) -> Scope:
    """Where I may see, for finding an object before asking what may be done with it; empty is no error: it is 404."""
    return needs.scope(me(), action, column, any_column=any_column)


def require(action: Action, unit: Placed, column: str | None = None) -> None:
    """Forbidden unless I may do this at this unit."""
    g.asked.add(action)
    needs.require(me(), action, unit, column)


def require_together(*asked: tuple[Action, Placed]) -> None:
    """Forbidden unless one right of mine allows all of these acts, each at its unit."""
    for action, unit in asked:
        require(action, unit)
    if not needs.by_one_right(me(), asked):
        raise Forbidden("只有两边共同的上级才能这样调整。")


def may(action: Action, unit: Placed, column: str | None = None) -> bool:
    """Whether I may do this at this unit: for showing or hiding a button, never instead of `require`."""
    return needs.allows(me(), action, unit, column)


def checked_id(text: str) -> str:
    """An id from a URL: 22 URL-safe ASCII characters, anything else is simply not there."""
    if len(text) != 22 or not text.isascii() or not text.replace("-", "").replace("_", "").isalnum():
        raise NotFound
    return text


def check_all(app: Flask) -> None:
    """Refuse to start with an undeclared route (CommCare's default deny; A1)."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if getattr(view, "__guard__", None) is None:
            raise Unguarded(f"{rule.endpoint} ({rule.rule}) declares no guard")


__all__ = ["Mark", "Unchecked", "Unguarded", "check_all", "checked_id", "guard", "log_refusal", "may", "me",
           "my_scope", "public", "require", "require_together", "sight", "signed_in", "stand_in"]
