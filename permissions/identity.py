"""Who is asking: the principal of a request, with every right it holds at this moment on this channel.

One statement, the first of every request, reads the session, the account, each right with its unit, and the tree's
version. What is built from an answer is kept per process under the answer itself (ADR-0014): whoever changes a row
has changed the key, so that there is no version anybody could forget to raise.
"""

import json
import weakref
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine, Select, String, bindparam, cast, literal, null, select, true, type_coerce, union_all

from permissions.accounts import PRESENT, Account, AccountState, LoginSession, over
from permissions.grants import Grant, RoleTemplate, Seat
from permissions.narrowing import Limits, Pattern, channels_of
from permissions.roles import Channel, Role
from permissions.standing import Held, Right, Standing, judge
from tenants import keys, tree
from tenants.db import db
from tenants.models import TreeState, Unit
from tenants.place import Place
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope

_OWN_RIGHTS = Scope.everything("the rights a principal holds, wherever they lie")
_MOST_KEPT = 4096


class Known(Protocol):
    """Somebody with an account: its row, or the facts kept of it."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Person:
    """An account as one statement saw it. Nothing can be changed through it: who edits an account reads its row."""

    id: str
    unit_id: str
    kind: str
    name: str
    state: str
    pc_grant: bool
    mobile_access: bool
    must_change_password: bool
    cadre_id: str | None
    second_factor_at: datetime | None
    ends_on: date | None
    password_set_at: datetime | None
    sealed_phone: str

    @property
    def may_log_in(self) -> bool:
        return self.state in PRESENT

    def on(self, today: date) -> "Person":
        """The same as it stands on a day: one whose last day is over counts as suspended before anybody writes it."""
        return replace(self, state=AccountState.suspended) if over(self.ends_on, today) and self.may_log_in else self

    @property
    def phone(self) -> str:
        return keys.ring().decrypt(self.sealed_phone, "accounts.phone").decode()


@dataclass(frozen=True, slots=True)
class Device:
    """A session as one statement saw it."""

    id: str
    channel: str
    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None = None
    proved_at: datetime | None = None
    works_at: str | None = None


@dataclass(frozen=True)
class Principal:
    """An account in a session on one channel, and what it holds; `rights` says of each right it has what became of it.

    `post` is the unit worked in where one of several was chosen: then `held` is what is held there and below, no more.
    `kept` is for what follows from these facts.
    """

    account: Person
    unit: Place
    channel: Channel
    held: tuple[Held, ...]
    session: Device | None = None
    rights: tuple[Standing, ...] = ()
    post: Place | None = None
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_cadre(self) -> bool:
        return self.account.kind == "cadre"

    @property
    def at(self) -> Place:
        """Where one works now: the post chosen, else the unit one belongs to."""
        return self.post or self.unit

    def at_post(self, unit_id: str | None) -> "Principal":
        """The same at one of its posts; at all of them when it has no such post, or not any more."""
        post = next((each.held.unit for each in self.rights if each.why is None and each.held.unit.id == unit_id), None)
        if post is None or self.is_cadre:
            return self
        held = tuple(each for each in self.held if each.unit.path.startswith(post.path))
        return replace(self, held=held, post=post, kept={})

    def role_at(self, unit_path: str | None = None) -> str:
        """The role under which the log writes an act: the strongest held at or above the unit."""
        order = (Role.administrator, Role.auditor, Role.chief, Role.reviewer, Role.clerk, Role.cadre)
        roles = {held.role for held in self.held if unit_path is None or unit_path.startswith(held.unit.path)}
        return next((role.value for role in order if role in roles), "none")


_PERSON = (Account.id, Account.unit_id, Account.kind, Account.name, Account.state, Account.pc_grant,
           Account.mobile_access, Account.must_change_password, Account.cadre_id, Account.second_factor_at,
           Account.ends_on, Account.password_set_at,
           type_coerce(Account.phone, String).label("phone"))
_DEVICE = (LoginSession.id.label("session_id"), LoginSession.channel.label("session_channel"),
           LoginSession.expires_at, LoginSession.revoked_at, LoginSession.seen_at, LoginSession.proved_at,
           LoginSession.works_at)
_HOME, _TEMPLATE, _SEAT = "home", "template", "seat"
_DEVICE_FROM = len(_PERSON)
_PLACE_FROM = _DEVICE_FROM + len(_DEVICE)
_RIGHT_FROM = _PLACE_FROM + len(tree.PLACE)


class Told(NamedTuple):
    """The end of a row: what stands beside a unit. Of a template `above` is what it copies, `frozen_at` its end."""

    what: str
    id: str | None
    role: str | None
    columns: str | None
    channel: str | None
    since: date | None
    until: date | None
    frozen_at: datetime | None
    above: str | None
    actions: str | None
    tree_version: int


def _statement(within: Within, found_by: str) -> Select[Any]:
    """The account, beside each unit it belongs to or holds something in; by session token or by account."""
    known: Any = select(*_PERSON).select_from(Account).where(within(Account))
    if found_by == "token":
        known = known.add_columns(*_DEVICE).join(LoginSession, LoginSession.account_id == Account.id).where(
            LoginSession.token_hash == bindparam("wanted"))
    else:
        none = [cast(null(), column.type).label(column.key) for column in _DEVICE]
        known = known.add_columns(*none).where(Account.id == bindparam("wanted"))
    # SQLite has no LATERAL; on PostgreSQL it is two thirds of the CPU of a CTE that each arm reads.
    if db.engine.dialect.name == "postgresql":
        held: Any = union_all(*(each.correlate(Account) for each in _held(Account))).lateral("held")
        told: Select[Any] = known.add_columns(*tree.PLACE, *list(held.c)[:-1], _VERSION)
        return told.join(held, true()).join(Unit, Unit.id == held.c.lies)
    asked = known.cte("who")
    held = union_all(*_held(asked.c)).subquery("held")
    return (select(asked, *tree.PLACE, *list(held.c)[:-1], _VERSION)
            .select_from(asked).join(held, true()).join(Unit, Unit.id == held.c.lies))


def _held(person: Any) -> tuple[Select[Any], ...]:
    """The unit a person belongs to, each seat and each right."""
    seat = _beside(_SEAT, Seat.unit_id, id=Seat.id, role=literal(Role.administrator.value))
    right = _beside("grant", Grant.unit_id, id=Grant.id, role=Grant.role, columns=cast(Grant.columns, String),
                    channel=Grant.channel, since=Grant.since, until=Grant.until, frozen_at=Grant.frozen_at,
                    above=Grant.template_id)
    return (_beside(_HOME, person.unit_id), seat.where(Seat.account_id == person.id),
            right.where(Grant.account_id == person.id))


_VERSION = select(TreeState.version).where(TreeState.id == 1).scalar_subquery().label("tree_version")


def _beside(what: str, lies: Any, **told: Any) -> Select[Any]:
    """What there is to tell of one kind of right, and last the unit it lies in."""
    empty = {"id": cast(null(), String), "role": cast(null(), String), "columns": cast(null(), String),
             "channel": cast(null(), String), "since": cast(null(), Grant.since.type),
             "until": cast(null(), Grant.until.type), "frozen_at": cast(null(), Grant.frozen_at.type),
             "above": cast(null(), String), "actions": cast(null(), String)}
    return select(literal(what).label("what"), *(told.get(name, empty[name]).label(name) for name in empty),
                  lies.label("lies"))


def _templates(within: Within) -> Select[Any]:
    """The templates of an account's grants, and all those they were copied from, each beside its unit."""
    used = select(RoleTemplate.id, RoleTemplate.parent_id).join(Grant, Grant.template_id == RoleTemplate.id).where(
        Grant.account_id == bindparam("wanted")).cte("templates", recursive=True)
    above = used.union(select(RoleTemplate.id, RoleTemplate.parent_id).join(used, RoleTemplate.id == used.c.parent_id))
    told = _beside(_TEMPLATE, RoleTemplate.unit_id, id=RoleTemplate.id, role=RoleTemplate.role,
                   columns=cast(RoleTemplate.columns, String), channel=RoleTemplate.channel,
                   frozen_at=RoleTemplate.withdrawn_at, above=RoleTemplate.parent_id,
                   actions=cast(RoleTemplate.actions, String))
    return (select(*tree.PLACE, *list(told.selected_columns)[:-1], _VERSION).select_from(above)
            .join(RoleTemplate, RoleTemplate.id == above.c.id).join(Unit, Unit.id == RoleTemplate.unit_id)
            .where(within(Unit)))


_ASK, _ASK_TEMPLATES = Prepared(_statement), Prepared(_templates)
_ABOVE = _RIGHT_FROM + Told._fields.index("above")


def _ask(found_by: str, wanted: str) -> list[Row]:
    """Everything known of an account; templates are asked for only where a right was given by one."""
    rows = _ASK.rows(_OWN_RIGHTS, found_by, wanted=wanted)
    if any(row[_ABOVE] is not None for row in rows):
        of_no_account = (None,) * _PLACE_FROM
        rows += [of_no_account + row for row in _ASK_TEMPLATES.rows(_OWN_RIGHTS, wanted=rows[0][0])]
    return rows


_kept: "weakref.WeakKeyDictionary[Engine, dict[Hashable, Principal]]" = weakref.WeakKeyDictionary()


def _names(listed: str | None) -> frozenset[str] | None:
    return frozenset(limits) if (limits := json.loads("null" if listed is None else listed)) is not None else None


def _pattern(told: Told, place: Place) -> Pattern:
    limits = Limits(Role(str(told.role)), _names(told.actions), _names(told.columns),
                    channels_of(told.channel or "both"))
    return Pattern(str(told.id), told.above, place, limits, withdrawn=told.frozen_at is not None)


def rights_from(rows: list[Row], person: Person, channel: str | None, today: date) -> tuple[Standing, ...]:
    """Every right of an account, and whether it counts on a channel today, from what was read. A cadre has one."""
    read = [(Told(*row[_RIGHT_FROM:]), Place(*row[_PLACE_FROM:_RIGHT_FROM])) for row in rows]
    patterns = {str(told.id): _pattern(told, place) for told, place in read if told.what == _TEMPLATE}
    found = []
    for told, place in read:
        if told.what == _HOME and person.kind == "cadre":
            own = Right(person.id, Role.cadre, place)
            # His own data are his wherever his unit has gone.
            return (Standing(own, Held(Role.cadre, place)),) if person.may_log_in else ()
        if told.what in (_SEAT, "grant"):
            right = Right(str(told.id), Role(str(told.role)), place, _names(told.columns), told.channel or "both",
                          told.since, told.until, told.frozen_at, told.above)
            found.append(judge(right, alive=person.may_log_in, channel=channel, today=today, patterns=patterns))
    return tuple(sorted(found, key=lambda each: (
        each.held.role is not Role.administrator, each.held.unit.number, each.held.role, each.right.id)))


def held_from(rows: list[Row], person: Person, channel: str, today: date) -> tuple[Held, ...]:
    """Every right of an account that counts on a channel today. A suspended account holds none."""
    return tuple(each.held for each in rights_from(rows, person, channel, today) if each.why is None)


def _principal(rows: list[Row], channel: str | None, today: date) -> Principal:
    """What these rows say today; kept under the rows themselves."""
    tree.read_at(rows[0][-1])
    known = _kept.setdefault(db.engine, {})
    key = (today, channel, *rows)
    found = known.get(key)
    if found is None:
        home = next(row for row in rows if row[_RIGHT_FROM] == _HOME)
        person = Person(*home[:_DEVICE_FROM]).on(today)
        device = Device(*home[_DEVICE_FROM:_PLACE_FROM]) if home[_DEVICE_FROM] is not None else None
        on = Channel(channel or home[_DEVICE_FROM + 1])
        if len(known) >= _MOST_KEPT:
            known.clear()
        found = known[key] = Principal(person, Place(*home[_PLACE_FROM:_RIGHT_FROM]), on,
                                       held_from(rows, person, on, today), device,
                                       rights_from(rows, person, on, today))
        if device is not None and device.works_at is not None:
            found = known[key] = found.at_post(device.works_at)
    return found


def of_session(token_hash: str, today: date) -> Principal | None:
    """The principal of a session, alive or not (`permissions.sessions` judges), with its rights today."""
    rows = _ask("token", token_hash)
    return _principal(rows, None, today) if rows else None


def principal_of(account: Known, channel: Channel, today: date) -> Principal:
    """The principal of an account on a channel, without a session."""
    return _principal(_ask("account", account.id), channel.value, today)


def on_both_ends(account: Known, today: date) -> dict[Channel, Principal]:
    """An account as it would be on each end, without a session, from one reading."""
    rows = _ask("account", account.id)
    return {channel: _principal(rows, channel.value, today) for channel in Channel}


def forget() -> None:
    """Let everything kept go: the database has been replaced by another."""
    _kept.pop(db.engine, None)
