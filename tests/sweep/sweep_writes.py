"""Every act over the API with a body that is accepted, who may do it, and which of its fields are ids."""

from dataclasses import dataclass, field
from typing import Any

from sweep_bodies import NEW_ID, NEW_PHONE
from sweep_reference import COLUMN_OF
from sweep_world import NOWHERE, SweepWorld

import factories

# What may stand in place of an id: rows of others, rows of one's own of another kind, and what nobody has.
FOREIGN = ("盐城", "东台", "南通", "千秋镇", NOWHERE)


@dataclass(frozen=True)
class Write:
    """One act: the route as the application names it, the request, the ids in it by path and kind of row."""

    route: str
    url: str
    body: dict[str, Any]
    by: str = "county administrator"
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.route.split()[0]


UNIT, ACCOUNT, CADRE = "<unit_id>", "<account_id>", "<cadre_id>"


def writes_of(world: SweepWorld) -> list[Write]:
    """Every act with a JSON body, as the county administrator or the county's clerk would do it."""
    return [*_of_units(world), *_of_seats(world), *_of_people(world),
            *(write for module in COLUMN_OF for write in _of_records(world, module))]


def _of_units(world: SweepWorld) -> list[Write]:
    town, free = world.places["合德镇"], world.places["新坍镇"]
    return [
        Write("POST /units", "/units", {"parent_id": town["unit"], "kind": "subordinate_unit", "name": "新设",
                                        "code": "NEW-1"}, ids={"parent_id": "unit"}),
        Write(f"PATCH /units/{UNIT}", f"/units/{town['unit']}", {"name": "改名"}),
        Write(f"POST /units/{UNIT}/move", f"/units/{world.places['合德敬老院']['unit']}/move",
              {"parent_id": free["unit"]}, ids={"parent_id": "unit"}),
        Write(f"POST /units/{UNIT}/merge", f"/units/{town['unit']}/merge", {"unit_ids": [free["unit"]]},
              ids={"unit_ids.0": "unit"}),
        Write(f"POST /units/{UNIT}/split", f"/units/{town['unit']}/split", {
            "name": "分设", "code": "NEW-3", "unit_ids": [world.places["合德敬老院"]["unit"]],
            "cadre_ids": [town["cadre"]], "account_ids": [town["staff"]]},
            ids={"unit_ids.0": "unit", "cadre_ids.0": "cadre", "account_ids.0": "staff"}),
        *_changes(world),
        Write("POST /reports/frozen", "/reports/frozen", {
            "unit_id": town["unit"], "from": "2026-04-01", "to": "2026-06-30"}, ids={"unit_id": "unit"}),
        Write(f"POST /units/{UNIT}/close", f"/units/{town['unit']}/close", {"successor_id": free["unit"]},
              ids={"successor_id": "unit"}),
    ]


def _of_seats(world: SweepWorld) -> list[Write]:
    town, home = world.places["合德镇"], world.places["射阳"]
    return [
        Write(f"POST /units/{UNIT}/administrators", f"/units/{town['unit']}/administrators",
              {"account_id": town["staff"]}, ids={"account_id": "staff"}),
        Write(f"POST /units/{UNIT}/nominations", f"/units/{home['unit']}/nominations",
              {"account_id": home["staff"], "replaces_id": home["seated"]},
              ids={"account_id": "staff", "replaces_id": "seated"}),
        Write(f"POST /units/{UNIT}/administrators/{ACCOUNT}/replace",
              f"/units/{town['unit']}/administrators/{town['seated']}/replace", {"successor_id": town["staff"]},
              ids={"successor_id": "staff"}),
        Write(f"POST /accounts/{ACCOUNT}/hand-over", f"/accounts/{town['staff']}/hand-over",
              {"taker_id": town["colleague"]}, ids={"taker_id": "staff"}),
        Write("POST /nominations/<nomination_id>/refuse", f"/nominations/{town['nomination']}/refuse",
              {"reason": "请先培训"}),
    ]


def _of_people(world: SweepWorld) -> list[Write]:
    town, home = world.places["合德镇"], world.places["射阳"]
    return [
        Write("POST /accounts", "/accounts", {"unit_id": town["unit"], "kind": "staff", "name": "新人",
                                              "phone": NEW_PHONE}, ids={"unit_id": "unit"}),
        Write("POST /accounts", "/accounts", {"unit_id": home["unit"], "kind": "cadre", "phone": NEW_PHONE,
                                              "cadre_id": home["cadre without account"]},
              ids={"unit_id": "unit", "cadre_id": "cadre without account"}),
        Write(f"PATCH /accounts/{ACCOUNT}", f"/accounts/{town['staff']}", {"employment": "part_time"}),
        Write(f"POST /accounts/{ACCOUNT}/grants", f"/accounts/{town['staff']}/grants",
              {"role": "chief", "unit_id": town["unit"]}, ids={"unit_id": "unit"}),
        Write(f"POST /accounts/{ACCOUNT}/grants", f"/accounts/{town['staff']}/grants",
              {"role": "clerk", "unit_id": town["unit"], "template_id": town["template"]},
              ids={"unit_id": "unit", "template_id": "template"}),
        Write(f"PATCH /accounts/{ACCOUNT}/grants/<grant_id>", f"/accounts/{town['staff']}/grants/{town['grant']}",
              {"unit_id": town["unit"], "template_id": town["template"]},
              ids={"unit_id": "unit", "template_id": "template"}),
        Write("POST /role-templates", "/role-templates", {
            "unit_id": town["unit"], "name": "走访", "role": "clerk", "parent_id": home["template"]},
              ids={"unit_id": "unit", "parent_id": "template"}),
        Write("PATCH /role-templates/<template_id>", f"/role-templates/{town['template']}", {"name": "走访与帮扶"}),
        Write("POST /cadres", "/cadres", {"unit_id": town["unit"], "name": "新老", "id_number": NEW_ID,
                                          "retirement_type": "tuixiu"}, ids={"unit_id": "unit"}),
        Write(f"PATCH /cadres/{CADRE}", f"/cadres/{town['cadre']}", {"former_post": "改"}),
        Write("POST /me/sessions/end", "/me/sessions/end", {"session_id": home["own session"]},
              ids={"session_id": "own session"}),
        Write(f"POST /accounts/{ACCOUNT}/trainings", f"/accounts/{town['staff']}/trainings",
              {"name": "网络安全培训", "held_on": "2026-05-01"}),
        Write("PUT /me/post", "/me/post", {"unit_id": home["unit"]}, ids={"unit_id": "unit"}),
        Write("POST /me/phone-change", "/me/phone-change", {"phone": NEW_PHONE}),
        Write(f"POST /accounts/{ACCOUNT}/phone-change", f"/accounts/{town['cadre account']}/phone-change",
              {"phone": NEW_PHONE, "reason": "已核对"}),
        Write("POST /phone-changes/<request_id>/refuse", f"/phone-changes/{town['request']}/refuse",
              {"reason": "请本人来"}),
        Write("POST /me/opinions", "/me/opinions", {"text": "路灯不亮"}, by="cadre"),
        Write("POST /opinions/<opinion_id>/answer", f"/opinions/{home['opinion']}/answer", {"text": "已请社区来修"}),
    ]


def _changes(world: SweepWorld) -> list[Write]:
    """What can be ordered ahead, with every id it names."""
    town, home, free = (world.places[name]["unit"] for name in ("合德镇", "合德敬老院", "新坍镇"))
    split = {"kind": "split", "unit_id": town, "name": "分设", "code": "NEW-3", "unit_ids": [home],
             "cadre_ids": [world.places["合德镇"]["cadre"]], "account_ids": [world.places["合德镇"]["staff"]]}
    return [Write("POST /unit-changes", "/unit-changes", {**body, "effective_on": "2026-12-01"},
                  ids={"unit_id": "unit", **ids})
            for body, ids in ((split, {"unit_ids.0": "unit", "cadre_ids.0": "cadre", "account_ids.0": "staff"}),
                              ({"kind": "move", "unit_id": home, "parent_id": free}, {"parent_id": "unit"}),
                              ({"kind": "close", "unit_id": town, "successor_id": free}, {"successor_id": "unit"}),
                              ({"kind": "merge", "unit_id": town, "unit_ids": [free]}, {"unit_ids.0": "unit"}))]


PEOPLE_PATH = {"visits": "cadre_ids.0", "hardship_aid": "cadre_id", "branch_activities": "attendance.0.cadre_id",
               "volunteer_service": "participants.0.cadre_id"}


MORE_TIME = {"until": "2026-06-30", "reason": "出差"}


def _of_records(world: SweepWorld, module: str) -> list[Write]:
    home, town, record = world.places["射阳"], world.places["合德镇"], "/records/<module_key>/<record_id>"
    people, where = factories.people_value(module, home["cadre"]), {PEOPLE_PATH[module]: "cadre"}
    whole = {"unit_id": home["unit"], "ended_on": "2026-06-08", **factories.FIELDS[module], **people}
    return [
        Write("POST /records/<module_key>", f"/records/{module}", whole, "clerk", {"unit_id": "unit", **where}),
        Write(f"PATCH {record}", f"/records/{module}/{home[f'{module} entered']}", dict(people), "clerk", where),
        Write(f"POST {record}/extension", f"/records/{module}/{town[f'{module} draft']}/extension", MORE_TIME),
        Write(f"POST {record}/extension/ask", f"/records/{module}/{home[f'{module} draft']}/extension/ask",
              MORE_TIME, "clerk"),
        Write(f"POST {record}/submit", f"/records/{module}/{home[f'{module} draft']}/submit", {"late_reason": "忙"},
              "clerk"),
    ]


def replaced(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a body with another value at a dotted path."""
    def walk(part: Any, rest: list[str]) -> Any:
        if not rest:
            return value
        head, *tail = rest
        if isinstance(part, list):
            return [walk(each, tail) if place == int(head) else each for place, each in enumerate(part)]
        return {**part, head: walk(part.get(head), tail)}

    made: dict[str, Any] = walk(body, path.split("."))
    return made
