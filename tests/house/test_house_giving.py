"""Rights come and go through one door, and each way round it is seen."""

from pathlib import Path

import pytest
from giving_rules import BULK, bulk_without_origin, rights_made_elsewhere
from python_rules import ROOT

# Each way round the door, as somebody might write it.
ROUND = {
    "made": "from permissions.grants import Grant\nGrant(role='clerk')\n",
    "seated": "from permissions import grants\ngrants.Seat(seat=1)\n",
    "inserted": "from permissions.grants import Grant\ndb.session.execute(insert(Grant), rows)\n",
    "inserted by table": "from permissions.grants import Seat\ninsert(Seat.__table__)\n",
    "updated": "from permissions.grants import Grant\nALL.update(Grant).values(until=None)\n",
    "prolonged": "from permissions.grants import Grant\nheld = find(Grant)\nheld.until = None\n",
    "widened": "from permissions.grants import Grant\nheld.columns, other = None, 1\n",
    "thawed": "held.frozen_at = None\n",
    "reseated": "from permissions.grants import Seat\ntaken.unit_id = other.id\n",
    "ended": "from permissions.grants import Grant\ndb.session.delete(held)\n",
    "swept": "from permissions.grants import Seat\nALL.delete(Seat)\n",
    "opened": "account.pc_grant = True\n",
    "opened among others": "account.state, account.pc_grant = state, True\n",
    "opened by name": "from permissions.grants import Seat\nsetattr(account, name, True)\n",
    "copied": "Block('grants', COLUMNS, rows)\n",
    "origin forged": "from permissions.grants import RightGiven\nRightGiven(path='appoint')\n",
}


@pytest.fixture
def engine_name() -> str:
    """The files are the same for both engines."""
    return "sqlite"


def _plant(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_rights_come_and_go_through_one_door() -> None:
    assert rights_made_elsewhere(ROOT) == []


def test_loaders_write_where_their_rights_came_from() -> None:
    assert bulk_without_origin(ROOT) == []
    assert all(reason for reason in BULK.values())


@pytest.mark.parametrize("way", sorted(ROUND))
def test_each_way_round_is_seen(tmp_path: Path, way: str) -> None:
    _plant(tmp_path, "app/planted.py", ROUND[way])
    assert len(rights_made_elsewhere(tmp_path)) >= 1


def test_the_door_itself_and_readers_are_let_be(tmp_path: Path) -> None:
    _plant(tmp_path, "permissions/giving.py", ROUND["made"])
    _plant(tmp_path, "app/reading.py", "from permissions.grants import Grant\nscope.select(Grant, Grant.until)\n")
    _plant(tmp_path, "app/leaving.py", "account.state, account.pc_grant = 'closed', False\n")
    assert rights_made_elsewhere(tmp_path) == []


def test_a_loader_that_forgets_the_origin_is_seen(tmp_path: Path) -> None:
    for name in BULK:
        _plant(tmp_path, name, "Block('grants', COLUMNS, rows)\n")
    assert len(bulk_without_origin(tmp_path)) == len(BULK)
