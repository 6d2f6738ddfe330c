"""单位缺项: what is missing in the units I may see, by kind, each with the act that mends it."""

from flask import Blueprint, url_for

from app.defects.kinds import KINDS
from app.defects.listing import counts, listing
from app.schemas.fields import Code, Flag, Line, Reference
from app.schemas.strict import Strict
from app.web.defect_rows import COLUMNS, defect_rows
from app.web.forms import asked
from app.web.list_page import ROWS, chips, here, narrowed, pager, several, unit_field
from app.web.render import page
from permissions import guard
from permissions.actions import Action
from permissions.guard import my_scope
from permissions.roles import PC

blueprint = Blueprint("desk_defects", __name__, url_prefix="/desk/defects")


class DefectQuery(Strict):
    """The list of defects."""

    unit = Reference("单位")
    here = Flag("只看这个单位本身")
    kind = Code("缺什么", {key: kind.title for key, kind in KINDS.items()})
    cursor = Line("翻页标记", longest=400)


@blueprint.get("")
@guard.guard(Action.ADMINISTRATOR_READ, channels=PC)
def index() -> str:
    """Defects of one kind, and how many there are of each."""
    scope = my_scope(Action.ADMINISTRATOR_READ)
    found = asked(DefectQuery.kept())
    unit, inside = narrowed(found.get("unit"), scope, alone=bool(found.get("here")))
    alone = unit is not None and bool(found.get("here"))
    number = counts(inside)
    key = found.get("kind") if found.get("kind") in number else next((each for each, many in number.items() if many),
                                                                    next(iter(number)))
    kind = KINDS[str(key)]
    result = listing(kind, inside, cursor=found.get("cursor"), limit=ROWS, total=number[kind.key])
    return page(
        "desk/list.html", title="单位缺项", unit=unit,
        sub=f"{'这个单位' if alone else '本单位及下级'}还缺什么；"
            f"现在看的是：{kind.title}（{kind.article}）",
        list_tabs=[{"title": KINDS[each].title, "href": here(kind=each), "badge": many, "active": each == kind.key}
                   for each, many in number.items()],
        filter_fields=[unit_field(scope, unit)] if several(scope) else [],
        hidden={"kind": kind.key} | ({"here": "true"} if alone else {}),
        columns=COLUMNS, rows=defect_rows(result.items), page_of=pager(result, "项"),
        reset_href=url_for("desk_defects.index", kind=kind.key) if unit is not None else None,
        active=chips({"unit": unit.name if unit is not None else None,
                      "here": "只看这个单位本身" if alone else None}),
        empty={"title": f"没有“{kind.title}”的情况", "icon": "check-circle", "text": "可以在上面换一项查看。"})
