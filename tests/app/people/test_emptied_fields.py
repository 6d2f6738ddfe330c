"""What happens to a file when a field is emptied: refilled from the ID number, emptied, or refused."""

import pytest

from world import World


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"birth_date": None}, 200), ({"sex": None}, 200), ({"mobile": None, "address": None}, 200),
        ({"name": None}, 422), ({"life_status": None}, 422), ({"id_number": None}, 422),
    ],
)
def test_an_emptied_field_is_refilled_emptied_or_refused(world: World, change: dict[str, None], status: int) -> None:
    api = world.api("射阳 administrator")
    path = f"/cadres/{world.cadres['cadre']}"
    before = api.get(path).json
    answer = api.patch(path, change)
    assert answer.status_code == status, answer.text
    after = api.get(path).json
    assert (after["birth_date"], after["sex"]) == (before["birth_date"], before["sex"])
    if status == 422:
        assert list(answer.json["fields"]) == list(change)
