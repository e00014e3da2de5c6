# Two commands: make run, make test. `make help` lists the rest. Needs python3 (3.11 or later) and make, nothing else.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
CODE := backoffice transactions controls documents
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade
# What the deployment check is asked about: an installation over TLS.
AS_PRODUCTION := BACKOFFICE_HTTPS=1 BACKOFFICE_HOSTS=backoffice.example.com BACKOFFICE_DEBUG=0 \
	BACKOFFICE_SECRET_KEY=only-for-the-check-3f9a1c7e5b2d8f60a4c9e1b7d3f5a8c2e6b0d4f8

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

run: $(VENV)/.run ## start everything; prints the address and the sign-ins; Ctrl-C stops it
	@$(MANAGE) local

test: $(VENV)/.dev ## run the tests, those in the browser too
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" $(PYTEST)

test-slow: $(VENV)/.dev ## run the tests that kill workers and take large volumes
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m slow $(PYTEST)

test-fast: $(VENV)/.dev ## run the tests without browser, kills and large volumes
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not slow" $(PYTEST)

fuzz: $(VENV)/.dev ## send every address what its document allows and what nobody would (EXAMPLES=100 SEED=1; long)
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),100) FUZZ_SEED=$(or $(SEED),1) HOSTILE_TURNS=1 \
		$(BIN)/python -m pytest -n 2 --dist worksteal tests/api/test_fuzz.py tests/test_hostile_input.py $(PYTEST)

lint: $(VENV)/.dev ## ruff, mypy, import contracts, migrations, deployment check, catalogue, dependency audit
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy $(CODE)
	@MYPYPATH=clients/python $(BIN)/mypy --strict --config-file= -p backoffice_client
	@$(BIN)/lint-imports
	@$(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	@$(AS_PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	@$(MANAGE) messages --check
	@$(BIN)/python -m tests.audit requirements.lock

fix: $(VENV)/.dev ## put the code in the house's form
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(VENV)/.dev ## run all benchmarks at their small size (SIZE=full for the full one)
	@for script in benchmarks/*.py; do name=$$(basename "$$script" .py); \
		case "$$name" in __init__|harness|history|matching_cases|matching_load|payment_stream|payment_frauds) continue;; esac; \
		$(BIN)/python -m "benchmarks.$$name" --size "$(or $(SIZE),small)" || exit 1; done

soak: $(VENV)/.dev ## run everything under load and kill parts of it 200 times (MINUTES=10, KILLS=200)
	@$(BIN)/python -m tests.flows.soak --minutes "$(or $(MINUTES),10)" --kills "$(or $(KILLS),200)"

fuzz-readers: $(VENV)/.dev ## damage files 20,000 times for each reader and see that none is read wrongly (MUTATIONS=20000)
	@$(BIN)/python -m tests.fuzz_readers --mutations "$(or $(MUTATIONS),20000)"

messages: $(VENV)/.run ## gather the messages of code and templates, merge and compile the catalogues
	@$(MANAGE) messages

client: $(VENV)/.dev ## make docs/openapi.yaml and the Python client in clients/python anew
	@$(MANAGE) describe_api
	@$(BIN)/python -m clients.generate

gallery: $(VENV)/.dev ## capture every screen, both languages, light and dark, into build/gallery
	@$(BIN)/python -m tests.browser.chromium --required
	@$(BIN)/python -m pytest tests/browser/gallery.py $(PYTEST)

lock: $(VENV)/.tools ## resolve the dependencies of pyproject.toml anew, with hashes
	@$(COMPILE) --group tools -o requirements-tools.lock
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

reset: $(VENV)/.run ## remove the data of the embedded servers; the next run starts anew
	@$(MANAGE) local --reset

clean: ## remove the environment and what was built (the data stay)
	@rm -rf $(VENV) build backoffice/static/built .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# The environment: pip brings uv, uv brings the rest, every file by its hash.

$(VENV)/.tools: requirements-tools.lock
	@test -n "$(PYTHON)" || { echo "backoffice needs Python 3.11 or later; none was found." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the environment."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock \
		|| echo "uv is not to be had here; pip does its work."
	@touch $@

INSTALL = { [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); } || \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

$(VENV)/.run: $(VENV)/.tools requirements.lock
	@echo "Installing the packages of requirements.lock."
	@$(call INSTALL,requirements.lock)
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Installing the packages of requirements-dev.lock."
	@$(call INSTALL,requirements-dev.lock)
	@touch $@

.PHONY: help run test fuzz fuzz-readers client test-fast lint fix bench soak messages gallery lock reset clean
