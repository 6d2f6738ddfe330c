"""The named province on a primary and its streaming replica, with an application that knows both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade

from app import config, registry
from app.deadlines.notices import shipped
from app.factory import create_app
from app.records import redating
from engines import KEY, NOW, settings
from permissions import transaction
from streaming_pair import Pair, streaming_pair
from tenants import clock, keys
from tenants.db import db
from world import World, build_world


@contextmanager
def province_on_a_pair(instance: Path) -> Iterator[tuple[World, Pair]]:
    """The application writes to whichever of the two can write, and may read reports from the second."""
    with streaming_pair() as pair:
        keys.use(keys.KeyRing.parse(KEY))
        clock.configure(NOW)
        app = create_app(settings(
            instance, config._database(pair.url(pair.primary, pair.standby)), replica_lag=3600.0,
            replica_url=config._database(pair.url(pair.standby))))
        app.config["TESTING"] = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.extensions["huey"].immediate = True
        with app.app_context():
            upgrade()
            with transaction.act("tests"):
                redating.store_notices(shipped(), registry.modules())
        world = build_world(app)
        pair.caught_up()
        yield world, pair
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
            app.extensions["replica"].engine.dispose()
        clock.configure(None)
