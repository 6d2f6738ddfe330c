"""The WSGI entry: `app`, built from the environment."""

from app import room

room.begin_anew()

from app.factory import create_app  # noqa: E402  the worker begins anew before anything large is loaded

app = create_app()
