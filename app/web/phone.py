"""What every phone page gets: for staff the bar at the foot, for cadres the type size and whom to call."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from app import registry
from app.people.listing import MASK
from app.people.schema import CadreSchema
from app.records.module import Module
from app.records.schema import Link
from app.schemas.fields import Code, Partial
from app.web.render import elder_size, me_for_page, own_contact
from permissions.actions import Action
from permissions.guard import me
from permissions.identity import Principal
from permissions.needs import holds
from tenants import clock

YEAR = 365 * 24 * 3600
SIZES = ("18", "30")
NAMES_SHOWN = 3


def spoken_day(text: str | None, *, this_year: int | None = None) -> str:
    """`1958-07` as 1958年7月, a full date as 10月3日 when it lies in `this_year`; text that is no date as it is."""
    parts = (text or "").split("-")
    if not all(part.isdigit() for part in parts):
        return text or ""
    words = [f"{int(part)}{unit}" for part, unit in zip(parts, "年月日", strict=False)]
    return "".join(words[1:] if len(words) == 3 and int(parts[0]) == this_year else words)


def names_of(people: Sequence[tuple[Link, str]]) -> str:
    """Whom a record is about: three names, and how many in all when there are more."""
    names = "、".join(name for _link, name in people[:NAMES_SHOWN])
    return f"{names}等 {len(people)} 人" if len(people) > NAMES_SHOWN else names


def file_items(file: Mapping[str, Any], names: Sequence[str], *, hidden: str) -> list[dict[str, Any]]:
    """Lines of a cadre's file in words, those that are filled in; `hidden` stands for what is masked whole."""
    fields = CadreSchema().named()
    found = []
    for name in names:
        field = fields.get(name)
        value = file.get(f"{name}_label") if isinstance(field, Code) else file.get(name)
        if isinstance(field, Partial):
            value = spoken_day(value)
        label = field.metadata["label"] if field is not None else "现管单位"
        if value:
            found.append({"label": label, "value": hidden if value == MASK else value})
    return found


def readable(principal: Principal) -> list[Module]:
    """Kinds of records this principal may read, in display order."""
    return [each for each in registry.modules().values() if holds(principal, Action.RECORD_READ, each.column)]


def writable(principal: Principal) -> list[Module]:
    """Kinds of records this principal may enter somewhere."""
    return [each for each in registry.modules().values() if holds(principal, Action.RECORD_CREATE, each.column)]


def _tab(title: str, icon: str, href: str, *, exact: bool = False) -> dict[str, Any]:
    inside = request.path == href or (not exact and request.path.startswith(f"{href}/"))
    return {"title": title, "icon": icon, "href": href, "active": inside, "badge": None}


def tabs(principal: Principal) -> list[dict[str, Any]]:
    """The bar at the foot of a staff page."""
    found = [_tab("首页", "home", url_for("mobile.home"), exact=True)]
    modules = readable(principal)
    if modules:
        records = _tab("记录", "list", url_for("mobile_records.index", module_key=modules[0].key))
        found.append(records | {"active": request.path.startswith("/m/records/")})
    if holds(principal, Action.CADRE_READ):
        found.append(_tab("老同志", "people", url_for("mobile.people")))
    return [*found, _tab("我的", "person", url_for("mobile.myself"))]


def staff_page(template: str, **context: Any) -> str:
    """A phone page for the staff member of this request."""
    return render_template(template, me=me_for_page(me()), nav=tabs(me()), **context)


def elder_page(template: str, **context: Any) -> str:
    """A page of 长辈版 for the cadre of this request."""
    return render_template(template, me=me_for_page(me()), elder_size=elder_size(), contact=own_contact(),
                           home_url=url_for("elder.home"), this_year=clock.today().year, **context)


def keep_size(response: Response, size: str) -> Response:
    """Keep the chosen type size in the browser for a year."""
    response.set_cookie("elder_size", size if size in SIZES else SIZES[0], max_age=YEAR, samesite="Lax", httponly=True,
                        secure=current_app.config["SETTINGS"].secure)
    return response
