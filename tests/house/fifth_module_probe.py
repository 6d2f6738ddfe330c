"""Runs inside a copy of the house: what a module that was dropped in can do there, printed as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from flask_migrate import downgrade

from app.registry import modules
from engines import Store
from tenants import clock
from world import World, build_world


def record_of_a_stay(world: World) -> dict[str, Any]:
    """Over the API: entered, listed, reported, kept from others, explained."""
    clerk, province = world.api("clerk"), world.api("province auditor")
    body = {"unit_id": world.units["射阳"], "ended_on": "2026-06-08", "cadre_id": world.cadres["cadre"],
            "hospital": "盐城市第一人民医院", "diagnosis": "肺炎"}
    made = clerk.post("/records/hospital_stay", body)
    period = f"unit={world.units['江苏']}&from=2026-06-01&to=2026-06-30"
    report = province.get(f"/reports/timeliness?{period}&module=hospital_stay").json
    whole = province.get(f"/reports/timeliness?{period}").json
    return {
        "status": made.status_code, "made": made.json,
        "listed": [each["id"] for each in clerk.get("/records/hospital_stay?q=第一人民").json["items"]],
        "masked": province.get(f"/records/hospital_stay/{made.json['id']}").json["diagnosis"],
        "foreign": world.api("other clerk").get(f"/records/hospital_stay/{made.json['id']}").status_code,
        "refused": clerk.post("/records/hospital_stay", body | {"hospital": ""}).status_code,
        "report": [row for row in report["rows"] if row["total"]],
        "in the whole report": {row["module"] for row in whole["rows"]} == set(modules()),
        "explained": clerk.get("/deadlines/explain?module=hospital_stay&ended_on=2026-06-08").json["due_on"],
        "served": world.api("cadre").get("/me/services").json["items"],
        "logged": "hospital_stay" in {each["object_type"] for each in
                                      world.api("射阳 administrator").get("/audit").json["items"]},
    }


def main(instance: str, name: str, server: str) -> None:
    """Build the named province on an engine and look."""
    store = Store(name, Path(instance), "fifth", server or None)
    world = build_world(store.app)
    clock.configure("2026-06-10T10:00:00+08:00")
    found = record_of_a_stay(world)
    client = world.browser("clerk")
    said = store.app.test_client().get("/api/openapi.json").json
    found["openapi"] = sorted(said["components"]["schemas"]["HospitalStay"]["properties"])
    home = client.get("/desk/")
    found["navigation"] = [home.status_code, "住院登记" in home.text and "/hospital_stay" in home.text]
    listed = client.get("/desk/records/hospital_stay")
    found["page"] = [listed.status_code, "住院登记" in listed.text]
    with store.app.app_context():
        downgrade(revision="-1")
    store.close()
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
