# Needs Python 3.11 or newer, make, and the package registry. `make help` lists the targets.

export PYTHONPATH := $(CURDIR):$(CURDIR)/platform
PYTHON_HERE := .venv/bin/python
# A Python newer than those that are tested comes last.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
TEST_WORKERS ?= $(shell $(PYTHON) -c 'import os; cores = os.cpu_count() or 2; print(min(cores * 5 // 2, 8))')
SCHEMA = $(PYTHON_HERE) manage.py spectacular --format openapi-json --validate --fail-on-warn
TEMPLATES := $(shell find templates events participants platform -name '*.html' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help install run test check schema bench lock

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

install:
	@test -n "$(PYTHON)" || { echo "Paddock needs Python 3.11 or newer; none was found on the path." >&2; exit 1; }
	@$(PYTHON) -I platform/paddock/launch/install.py .venv requirements/dev.txt

run: install ## Everything on this machine, with a demonstration. PORT=… picks the port, Ctrl-C stops it
	@exec $(PYTHON_HERE) -m paddock.launch

# One file, one worker: tests of a file share what is expensive to start. Five workers for two cores, eight at
# most, because tests that wait for a deadline or a provider leave their core to others. They start scores of processes,
# which share what one has compiled, whatever the shell says.
test: export PYTHONDONTWRITEBYTECODE :=
test: install ## Every test, pages in a real browser. ARGS=… goes to pytest
	@chromium="$$($(PYTHON_HERE) -m tests.support.browser)" || exit 1; \
	PADDOCK_CHROMIUM="$$chromium" exec $(PYTHON_HERE) -m pytest -n $(TEST_WORKERS) --dist loadfile \
		--no-loadscope-reorder $(ARGS)

# The production settings are checked with addresses of nothing and secrets of nobody.
check: export SECRET_KEY := 5mk0v-checks-need-a-key-that-looks-random-8qzx3jw7-and-guards-nothing
check: export SECRET_KEYS := AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
check: export DATABASE_URL := postgresql://nobody@127.0.0.1:1/nothing
check: export CELERY_BROKER_URL := redis://127.0.0.1:1/0
check: export SITE_URL := https://paddock.example
check: export ALLOWED_HOSTS := paddock.example
check: install ## Style, types, imports between rooms, templates of pages and of AWS roles, migrations, schema of the API, production settings
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy platform/paddock integrations events participants
	.venv/bin/lint-imports
	$(if $(TEMPLATES),.venv/bin/djade --check --target-version 5.2 $(TEMPLATES))
	.venv/bin/cfn-lint deploy/*.yaml
	$(PYTHON_HERE) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(SCHEMA) | diff -u docs/openapi.json - || { echo "docs/openapi.json differs from the API: make schema" >&2; exit 1; }
	$(PYTHON_HERE) manage.py check --deploy --fail-level WARNING --settings paddock.settings.production

schema: export SECRET_KEY := schema
schema: export SECRET_KEYS := AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
schema: export DATABASE_URL := postgresql://nobody@127.0.0.1:1/nothing
schema: export CELERY_BROKER_URL := redis://127.0.0.1:1/0
schema: install ## Write docs/openapi.json anew, after a change of the API
	$(SCHEMA) > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

bench: install ## The benchmarks. ARGS=… goes to them
	@exec $(PYTHON_HERE) -m benchmarks $(ARGS)

lock: install ## Resolve requirements/*.in anew into the hashed locks
	@for name in base production dev; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; done
