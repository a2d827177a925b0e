# What can be done with this clone. Every target sets up what it needs first; the second time that takes no time.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8000
DATA ?= .townhall
SCALE ?= small
ARGS ?=
BIN = .venv/bin
TOOLS = DJANGO_SETTINGS_MODULE=townhall.config.settings_tools

.DEFAULT_GOAL := help
.PHONY: help demo test proofs check journeys bench crash shift capabilities states format locks messages setup-run setup-dev

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

setup-run:
	@test -n "$(PYTHON)" || { echo "Townhall needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) scripts/setup.py run

setup-dev: ## install what tests and their browser need, and do no more
	@test -n "$(PYTHON)" || { echo "Townhall needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) scripts/setup.py dev

demo: setup-run ## from a fresh clone to a working council in the browser (PORT=8000 DATA=.townhall SCALE=small)
	@exec $(BIN)/townhall --data "$(DATA)" demo --port $(PORT) --scale $(SCALE)

test: setup-dev ## everything needed to test, then the fast tests (ARGS= goes to pytest)
	@$(BIN)/pytest -n 2 -m "not slow and not proof" $(ARGS)

proofs: setup-dev ## random walks of states, fuzzing of both APIs, processes that are killed
	@$(BIN)/pytest -n 2 -m "proof and not slow" $(ARGS)

check: setup-dev ## format, lint, imports, types, Django's checks, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(TOOLS) $(BIN)/townhall manage check --fail-level WARNING
	$(TOOLS) $(BIN)/townhall manage makemigrations --check --dry-run
	$(TOOLS) $(BIN)/townhall manage lintmigrations --quiet ok ignore --no-cache

journeys: setup-dev ## a real browser walks the acceptance scenarios, with axe, and once without JavaScript
	@$(BIN)/pytest journeys $(ARGS)

bench: setup-dev ## figures on this machine, and their ratio to the database's own limit
	@$(BIN)/python -m bench $(ARGS)

crash: setup-dev ## kill things under load, then prove that nothing was lost
	@$(BIN)/python -m bench.crash $(ARGS)

shift: setup-dev ## fifty advisers on a million customers and ten million contacts, while things are killed
	@$(BIN)/python -m bench.shift $(ARGS)

capabilities: setup-dev ## write docs/capabilities.md from the marks of the tests
	@$(BIN)/python scripts/capabilities.py

states: setup-dev ## draw every table of states into docs/states
	@$(BIN)/townhall states

format: setup-dev ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

messages: setup-run ## collect the words on screen for translators: townhall/ui/locale/en/LC_MESSAGES/django.pot
	@$(BIN)/townhall messages

locks: setup-dev ## choose new versions for requirements.lock and requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header $(ARGS) pyproject.toml requirements.in --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header $(ARGS) --extra dev --constraint requirements.lock pyproject.toml requirements.in --output-file requirements-dev.lock
