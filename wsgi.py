"""The WSGI entry: `app`, built from the environment."""

from app.factory import create_app

app = create_app()
