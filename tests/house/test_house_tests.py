"""What tests share cannot be written into, and a group of tests stays on one worker."""

from dataclasses import fields

import pytest

from world import World


def test_the_shared_world_is_read_only(world: World) -> None:
    shared = [each.name for each in fields(world) if each.name != "app"]
    assert {"tokens", "units", "accounts"} <= set(shared)
    for name in shared:
        with pytest.raises(TypeError):
            getattr(world, name)["江苏"] = "mine"


@pytest.mark.xdist_group("here")
def test_a_group_stays_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist appends the group to the test's id; without it every worker starts servers of its own."""
    if hasattr(request.config, "workerinput"):
        assert request.node.nodeid.endswith("@here")
