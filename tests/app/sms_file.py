"""What the file provider has sent, as somebody with the phone would read it."""

import json
from typing import Any

from app import outbox
from app.administration import codes
from world import World


def sent(world: World, phone: str | None = None) -> list[dict[str, Any]]:
    """Send what waits, and give every line of the file (to one number)."""
    with world.app.app_context():
        codes.send_waiting()
        outbox.drain()
        path = outbox.sms_file()
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line for line in map(json.loads, lines) if phone is None or line["to"] == phone]


def password_for(world: World, phone: str) -> str:
    """The password of the last message to a number."""
    return str(sent(world, phone)[-1]["params"]["password"])


def staff(world: World, phone: str, unit: str = "射阳", principal: str = "射阳 administrator",
          **more: Any) -> dict[str, Any]:
    """Open a staff account over the API."""
    said = {"unit_id": world.units[unit], "kind": "staff", "name": "周洁", "phone": phone, "employment": "full_time",
            "pc_grant": True, "mobile_access": True} | more
    answer = world.api(principal).post("/accounts", said)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def cadre_account(world: World, phone: str, cadre: str) -> dict[str, Any]:
    """Open an account for a cadre's file in 射阳 over the API."""
    answer = world.api("射阳 administrator").post("/accounts", {
        "unit_id": world.units["射阳"], "kind": "cadre", "phone": phone, "cadre_id": cadre})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found
