"""Phone pages of staff: home with what is owed, the people of the unit, my own page."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, request, send_file, url_for

from app import registry
from app.keeping import oversight, photos
from app.keeping import records as acts
from app.obligations import inbox
from app.opinions import answers
from app.own.owed import Counted, counted, owed
from app.people import files
from app.people.listing import Filters, listing, out
from app.records import store
from app.records.calendar import work_calendar
from app.records.model import Record
from app.records.module import Module
from app.records.schema import CadreIds, OneCadre
from app.records.standing import returned
from app.schemas.queries import CadreQuery
from app.web.forms import asked
from app.web.list_page import ROWS, pager
from app.web.own_notices import own_notices
from app.web.phone import file_items, names_of, readable, spoken_day, staff_page, writable
from app.web.pickers import hint
from app.web.record_words import badge
from app.web.render import works_elsewhere
from app.web.tellings import tellings
from permissions.actions import Action
from permissions.guard import guard, may, me, my_scope, require, sight, signed_in
from permissions.needs import holds
from permissions.roles import MOBILE
from tenants import clock
from tenants.models import Unit

blueprint = Blueprint("mobile", __name__, url_prefix="/m")
SHOWN, SOON = 5, 2
TONES = ("red", "gold", "green", "blue")
CARD = ("sex", "birth_date", "retirement_type", "retired_on", "former_unit", "former_post", "treatment_level",
        "political_status", "branch", "living_arrangement", "health_status", "id_number", "mobile", "address",
        "life_status", "unit_name")


def tiles(modules: Sequence[Module]) -> list[dict[str, Any]]:
    """One big block for each kind of record I may enter."""
    return [{"title": f"记{module.title}", "icon": module.icon, "tone": TONES[place % len(TONES)],
             "href": url_for("mobile_records.new", module_key=module.key)} for place, module in enumerate(modules)]


@blueprint.get("/")
@signed_in(channels=MOBILE)
def home() -> Any:
    """What I owe, and what I can enter; cadres are led to their own home."""
    if me().is_cadre:
        return redirect(url_for("elder.home"))
    today = clock.today()
    counts = counted(me(), today, work_calendar().add(today, SOON).on)
    heaps = owed(me(), today, limit=SHOWN)
    names = _names([*heaps.overdue, *heaps.due, *heaps.returned, *heaps.reasons])
    lists = (("已经逾期，请尽快录入", heaps.overdue, counts.overdue), ("等您录入", heaps.due, counts.due),
             ("上级退回，等您更正", heaps.returned, counts.returned),
             ("逾期原因没有填", heaps.reasons, counts.reasons))
    return staff_page(
        "mobile/home.html", elsewhere=works_elsewhere(), tiles=tiles(writable(me())), stats=_stats(counts),
        filings=counts.filings,
        told=tellings(), own_notices=own_notices(), unread=inbox.unread(me().account.id),
        oversees=holds(me(), Action.RECORD_OVERSEE, any_column=True), to_confirm=oversight.waiting(),
        reads_opinions=holds(me(), Action.OPINION_READ), unanswered=_unanswered(),
        heaps=[(title, [_owed_row(each, names, today) for each in rows], total)
               for title, rows, total in lists if rows],
        readable=[(module.title, url_for("mobile_records.index", module_key=module.key)) for module in readable(me())])


def _unanswered() -> int:
    return answers.waiting_for(me(), sight(Action.OPINION_READ))


def _stats(counts: Counted) -> list[dict[str, Any]]:
    today = [("今天到期", counts.today, "bad", "clock")] if counts.today else []
    if counts.soon:
        today.append(("快到期", counts.soon, "warn", "clock"))
    if counts.returned:
        today.append(("上级退回", counts.returned, "bad", "undo"))
    found = (("逾期未录", counts.overdue, "bad", "alert"), *today, ("等您录入", counts.due, "warn", "clock"),
             ("缺原因", counts.reasons, "warn", "edit"))
    return [{"label": label, "value": number, "tone": tone if number else "good", "icon": icon}
            for label, number, tone, icon in found]


def _names(records: Sequence[Record]) -> dict[str, str]:
    """Who each record is about, by its id; one statement for each kind of record at most."""
    found: dict[str, str] = {}
    for module in registry.modules().values():
        ids = [record.id for record in records if record.module == module.key]
        if ids:
            people = store.people_of(ids, acts.sight(module))
            found |= {record_id: names_of(rows) for record_id, rows in people.items()}
    return found


def _owed_row(record: Record, names: dict[str, str], today: date) -> dict[str, Any]:
    due = spoken_day(record.due_on.isoformat(), this_year=today.year)
    asks = "请按上级意见更正" if returned(record) else "请补填逾期原因"
    if record.entered_at is None:
        asks = f"应在{due}前录入" + ("（暂定）" if record.due_provisional else "")
    return {"title": names.get(record.id) or record.summary, "badge": badge(record, today),
            "sub": [record.summary] * bool(names.get(record.id)) + [asks],
            "href": url_for("mobile_records.show", module_key=record.module, record_id=record.id)}


@blueprint.get("/cadres")
@guard(Action.CADRE_READ, channels=MOBILE)
def people() -> str:
    """The cadres I serve, by pinyin."""
    scope = my_scope(Action.CADRE_READ)
    found = asked(CadreQuery(only=("q", "cursor")))
    page = listing(scope, Filters(q=found.get("q")), cursor=found.get("cursor"), limit=ROWS)
    rows = [{"title": cadre.name, "sub": hint(cadre), "icon": "person",
             "href": url_for("mobile.person", cadre_id=cadre.id)} for cadre in page.items]
    return staff_page("mobile/people.html", rows=rows, pager=pager(page, "人"), q=found.get("q") or "")


@blueprint.get("/cadres/<cadre_id>")
@guard(Action.CADRE_READ, channels=MOBILE)
def person(cadre_id: str) -> str:
    """The card of one cadre: what is masked stays masked here."""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_READ, unit)
    shown = out(cadre) | {"unit_name": unit.name}
    if cadre.life_status == "living":
        shown.pop("life_status_label")
    back = request.args.get("q")
    return staff_page("mobile/person.html", cadre=cadre, items=file_items(shown, CARD, hidden="已登记"),
                      entries=_entries(cadre.id, unit), living=cadre.life_status == "living",
                      back_href=url_for("mobile.people", q=back or None))


def _entries(cadre_id: str, unit: Unit) -> list[dict[str, str]]:
    """Kinds of records that may be begun with this person already chosen."""
    found = []
    for module in registry.modules().values():
        people_field = module.schema().people_field()
        alone = people_field is not None and isinstance(people_field[1], CadreIds | OneCadre)
        if alone and may(Action.RECORD_CREATE, unit, module.column):
            href = url_for("mobile_records.new", module_key=module.key, unit=unit.id, cadre=cadre_id)
            found.append({"title": f"记{module.title}", "icon": module.icon, "href": href})
    return found


@blueprint.get("/me")
@signed_in(channels=MOBILE)
def myself() -> Any:
    """Who I am here, the password, the way out."""
    if me().is_cadre:
        return redirect(url_for("elder.home"))
    return staff_page("mobile/myself.html")


@blueprint.get("/photos/<attachment_id>")
@guard(Action.RECORD_READ, channels=MOBILE)
def photo(attachment_id: str) -> Response:
    """A photo of a record I may see; a download with a safe name that a page may still show as an image."""
    attachment = photos.seen(attachment_id)
    photos.allowed(attachment)
    return send_file(io.BytesIO(photos.content(attachment)), mimetype=attachment.content_type, as_attachment=True,
                     download_name=attachment.filename, max_age=0, etag=False)
