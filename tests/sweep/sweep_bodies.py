"""Bodies and forms that would be accepted, as far as the place allows."""

import base64
from typing import Any

from sweep_routes import Row
from sweep_world import Place, SweepWorld

import factories

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGM8ISfHwMDAxMDAwMDAAAANBAEIfXHKZgAAAABJRU5ErkJggg==")
CHILD_KIND = {"江苏": "city_bureau", "盐城": "county_bureau", "南通": "county_bureau", "射阳": "township",
              "东台": "township", "海安": "township"}
PERIOD = {"from": "2026-04-01", "to": "2026-06-30"}
NEW_PHONE, NEW_ID = "19600000001", factories.id_number(serial=999_999)
NOTICE = ('{"year": 2027, "notice": "国办发明电〔2026〕8号", "makeup": [], '
          '"holidays": [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"}]}')
RECORD = "/api/v1/records/<module_key>/<record_id>"
UNTIL = {"until": "2026-06-30", "reason": "出差"}
QUERIES: dict[str, dict[str, str]] = {
    "/api/v1/deadlines/explain": {"ended_on": "2026-06-08", "module": "visits"},
    "/api/v1/reports/timeliness": PERIOD, "/api/v1/reports/timeliness.xlsx": PERIOD,
    "/desk/reports/freeze": PERIOD,
    "/desk/deadline": {"ended_on": "2026-06-08", "module": "visits"},
    "/desk/reports/timeliness": PERIOD, "/desk/reports/timeliness.xlsx": PERIOD,
    "/desk/pick/cadres": {"module": "visits", "q": "犇"}, "/m/records/<module_key>/find": {"q": "犇"},
    "/api/v1/accounts/<account_id>/explain": {"action": "unit:read"},
    "/desk/accounts/units": {"q": "犇"}, "/desk/cadres/<cadre_id>/unmask": {"field": "mobile"},
}


NUMBERS_AND_FILES: dict[str, dict[str, Any]] = {
    "POST /api/v1/me/phone-change": {"phone": NEW_PHONE},
    "POST /api/v1/accounts/<account_id>/phone-change": {"phone": NEW_PHONE, "reason": "已核对"},
    "POST /api/v1/accounts/<account_id>/trainings": {"name": "网络安全培训", "held_on": "2026-05-01"},
    "POST /api/v1/phone-changes/<request_id>/refuse": {"reason": "请本人来"},
}


def api_body(world: SweepWorld, row: Row, here: Place, second: Place, module: str) -> dict[str, Any] | None:
    """The JSON of a row."""
    unit, home = here["unit"], world.places["射阳"]["unit"]
    bodies: dict[str, dict[str, Any]] = {
        "POST /api/v1/units": {"parent_id": unit, "kind": CHILD_KIND.get(here.name, "subordinate_unit"),
                               "name": "新设单位", "code": "NEW-1"},
        "PATCH /api/v1/units/<unit_id>": {"name": "改名"}, "POST /api/v1/units/<unit_id>/split": _split(here),
        "POST /api/v1/units/<unit_id>/move": {"parent_id": second["unit"] if row.second else home},
        "POST /api/v1/units/<unit_id>/merge": {"unit_ids": [second["unit"]]},
        "POST /api/v1/unit-changes": {"unit_id": unit, "kind": "rename", "name": "新名", "effective_on": "2026-12-01"},
        "POST /api/v1/units/<unit_id>/close": {"successor_id": second["unit"]} if row.second else {},
        "POST /api/v1/units/<unit_id>/administrators": {"account_id": here["staff"]},
        "POST /api/v1/units/<unit_id>/nominations": {"account_id": here["staff"]},
        "POST /api/v1/units/<unit_id>/administrators/<account_id>/replace": {"successor_id": here["staff"]},
        "POST /api/v1/accounts/<account_id>/hand-over": {"taker_id": here["colleague"]},
        "POST /api/v1/nominations/<nomination_id>/refuse": {"reason": "请先培训"},
        "POST /api/v1/accounts": {"unit_id": unit, "kind": "staff", "name": "新人", "phone": NEW_PHONE},
        "PATCH /api/v1/accounts/<account_id>": {"mobile_access": False},
        "POST /api/v1/accounts/<account_id>/grants": {"role": "clerk", "unit_id": second["unit"]},
        "PATCH /api/v1/accounts/<account_id>/grants/<grant_id>": {"until": "2027-12-31"},
        "POST /api/v1/role-templates": {"unit_id": unit, "name": "走访", "role": "clerk"},
        "PATCH /api/v1/role-templates/<template_id>": {"name": "走访与帮扶"},
        "POST /api/v1/cadres": {"unit_id": unit, "name": "新老", "id_number": NEW_ID, "retirement_type": "tuixiu"},
        "POST /api/v1/reports/frozen": {"unit_id": unit, **PERIOD},
        "PATCH /api/v1/records/<module_key>/<record_id>": {"late_reason": "补录"},
        "POST /api/v1/me/sessions/end": {"others": True}, "PATCH /api/v1/cadres/<cadre_id>": {"former_post": "改"},
        "POST /api/v1/me/opinions": {"text": "路灯不亮"}, **NUMBERS_AND_FILES,
        "POST /api/v1/opinions/<opinion_id>/answer": {"text": "已请社区来修"},
        "POST /api/v1/cadres/export": {"purpose": "核对走访名单"},
        "POST /api/v1/records/<module_key>/export": {"purpose": "核对走访名单"},
        f"POST {RECORD}/return": {"opinion": "请补充"}, f"POST {RECORD}/extension": UNTIL,
        f"POST {RECORD}/extension/ask": UNTIL, f"POST {RECORD}/extension/decline": {"reason": "不必"},
        f"POST {RECORD}/reopen": UNTIL,
    }
    if f"{row.method} {row.path}" == "POST /api/v1/records/<module_key>":
        return record_body(here, module)
    if row.method == "DELETE":
        return None
    return bodies.get(f"{row.method} {row.path}", {})


def _split(here: Place) -> dict[str, Any]:
    """A cadre of the place goes to a new unit."""
    return {"name": "分设", "code": "NEW-3", "cadre_ids": [here["cadre"]], "records": "theirs"}


def record_body(here: Place, module: str) -> dict[str, Any]:
    """A record of the place about its own cadre."""
    return {"unit_id": here["unit"], "ended_on": "2026-06-08", **factories.FIELDS[module],
            **factories.people_value(module, here["cadre"])}


# Forms that are the same wherever they are sent from.
ALIKE: dict[str, dict[str, Any]] = {
    "/desk/units/<unit_id>/edit": {"name": "改名", "code": "NEW-2", "valid_from": "2026-01-01", "version": "1"},
    "/desk/accounts/<account_id>/edit": {"name": "改名", "employment": "part_time", "version": "1"},
    "/desk/accounts/<account_id>/switch": {"name": "mobile_access", "on": ""},
    "/desk/accounts/<account_id>/grants/<grant_id>/change": {"columns": "party_garden", "channel": "both"},
    "/phone": {"phone": NEW_PHONE}, "/desk/accounts/<account_id>/phone": {"phone": NEW_PHONE, "reason": "已核对"},
    "/desk/accounts/<account_id>/trainings": {"name": "网络安全培训", "held_on": "2026-05-01"},
    "/desk/phone-changes/<request_id>": {"verdict": "refused", "answer": "请本人来"},
    **{f"/{end}/opinions/<opinion_id>/answer": {"text": "已请社区来修"} for end in ("desk", "m")},
    "/desk/cadres/export": {"purpose": "核对走访名单"},
    "/desk/records/<module_key>/export": {"purpose": "核对走访名单"},
    **{f"/desk/templates/{each}": {"name": "收窄", "channel": "pc"} for each in ("new", "<template_id>")},
}


def page_form(row: Row, here: Place, second: Place, module: str) -> dict[str, Any]:
    """The form of a page; the version is left out, so that nothing is stale."""
    if row.path.endswith(("/attachments", "/photos", "/<training_id>/proof")):
        return {"file": PNG}
    if row.path.endswith("/import"):
        return {"unit": here["unit"], "file": b"no spreadsheet"}
    if row.path.endswith("/new") and row.of_records:
        return _record_form(here, module)
    if row.path.endswith("/<record_id>/edit"):
        return {name: value for name, value in _record_form(here, module).items() if name != "unit_id"}
    last, unit = row.path.rpartition("/")[2], here["unit"]
    forms: dict[str, dict[str, Any]] = {
        "/desk/units/<unit_id>/open": {"kind": CHILD_KIND.get(here.name, "subordinate_unit"), "name": "新设单位",
                                       "code": "NEW-1"},
        "/desk/units/<unit_id>/move": {"parent_id": second["unit"], "version": "1", "sure": "true"},
        "/desk/units/<unit_id>/split": {**_split(here), "step": "look"},
        **{f"/desk/units/<unit_id>/{act}": {name: ids, "sure": "true"} if row.second else {} for act, name, ids in (
            ("merge", "unit_ids", [second["unit"]]), ("close", "successor_id", second["unit"]))},
        "/desk/units/<unit_id>/administrators/<account_id>/replace": {"successor_id": here["staff"]},
        "/desk/accounts/<account_id>/hand-over": {"taker_id": here["colleague"]},
        "/desk/nominations/<nomination_id>/<any(seat, refuse):what>": {"reason": "请先培训"},
        "/desk/calendar/edit": {"year": "2027", "notice": "国办发明电〔2026〕8号", "name": "元旦",
                                "first": "2027-01-01", "last": "2027-01-03"},
        "/desk/calendar/confirm": {"content": NOTICE},
        "/desk/units/<unit_id>/rules/<kind_key>": {"verb": "set", "since": "2026-06-01", "amount": "3", "basis": "通知",
                                                   "measure": "working_days"},
        "/desk/accounts/open-staff": {"name": "新人", "phone": NEW_PHONE, "employment": "full_time"},
        "/desk/accounts/<account_id>/<any(leave, retire):what>": {"comes_on": "2026-12-01"},
        "/desk/transfers/new": {"name": "某人", "phone": NEW_PHONE, "reason": "工作需要"},
        "/desk/transfers/<transfer_id>": {"verdict": "withdrawn"},
        "/desk/accounts/<account_id>/transfer": {"unit_code": "320000", "reason": "工作需要"},
        "/desk/accounts/<account_id>/grants/give": {"role": "clerk", "unit_id": second["unit"], "channel": "both"},
        **ALIKE,
        "/desk/cadres/new": {"unit_id": unit, "name": "新老", "id_number": NEW_ID, "retirement_type": "tuixiu"},
        "/desk/cadres/<cadre_id>/unmask": {"field": "mobile", "purpose": "核对报销信息"},
        "/m/own/opinions": {"text": "路灯不亮"}, "/m/elder": {"size": "30", "next": "/m/home"},
    }
    if "/extension" in row.path or last in ("reopen", "ruling"):
        return {"until": "2026-06-30", "reason": "出差", "opinion": "请补充"}
    return {"late_reason": "路上耽搁"} if last in ("reason", "submit") else dict(forms.get(row.path, {}))


def _record_form(here: Place, module: str) -> dict[str, Any]:
    """What a browser would send for `record_body`."""
    sent: dict[str, Any] = {}
    for name, value in record_body(here, module).items():
        if name in ("attendance", "participants"):
            sent[name] = [row["cadre_id"] for row in value]
            sent |= {f"{name}-{row['cadre_id']}": str(row.get("status") or row.get("minutes")) for row in value}
        elif name == "amount_fen":
            sent[name] = str(value // 100)
        else:
            sent[name] = value
    return sent
