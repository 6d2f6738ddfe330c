"""The floor under load: the raw stack of the benchmarks as a WSGI application for gunicorn."""

import os

from benchmarks import raw_stack

app = raw_stack.make(os.environ["YINLING_DATABASE_URL"], int(os.environ["FLOOR_LOW"]), int(os.environ["FLOOR_HIGH"]))
