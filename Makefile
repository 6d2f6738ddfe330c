# Only names for the commands in scripts/; each of them knows --help.
.PHONY: help server test assets lock

help:
	@echo "make server | test | assets | lock    (see scripts/ and --help of each)"

server:
	scripts/server

test:
	scripts/test

assets:
	scripts/assets

lock:
	scripts/lock
