"""One file or folder per kind of record; nothing imports them by name (`app.registry` finds them)."""
