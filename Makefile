# Everything a contributor runs. Needs only make and Python 3.11 or newer; all else goes into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check install
RUN    := $(VENV)/.run-installed
DEV    := $(VENV)/.dev-installed
TESTS  := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

CLIENTS := $(patsubst requirements/clients/%.in,%,$(wildcard requirements/clients/*.in)) \
           $(patsubst requirements/clients/%/package.json,%,$(wildcard requirements/clients/*/package.json))

.DEFAULT_GOAL := help
.PHONY: help install serve clients test test-all test-lists check format docs bundle bench bench-year bench-questions chaos lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-15s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "llmanac needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=, for example: make serve PYTHON=python3.12" >&2; exit 1; }
	@echo "making $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "installing llmanac and what it needs into $(VENV) ..." >&2
	@$(PIP) --require-hashes --requirement requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "installing the development tools into $(VENV) ..." >&2
	@$(PIP) --require-hashes --requirement requirements/dev.txt
	@touch $@

install: $(RUN) ## install into .venv (EXTRAS=parquet for what is optional)
ifdef EXTRAS
	@$(PIP) --editable ".[$(EXTRAS)]"
endif

serve: $(RUN) ## serve on http://127.0.0.1:8642
	@exec $(BIN)/llmanac serve

.clients/%/.installed: requirements/clients/%.txt | $(BIN)/python
	@echo "installing the client $* into .clients/$* ..." >&2
	@$(BIN)/python -m venv --clear .clients/$*
	@.clients/$*/bin/python -m pip --quiet --disable-pip-version-check install --no-compile --require-hashes \
	  --requirement $< >.clients/$*/install.log 2>&1 || { cat .clients/$*/install.log >&2; exit 1; }
	@touch $@

.clients/%/.installed: requirements/clients/%/package-lock.json requirements/clients/%/package.json
	@echo "installing the client $* into .clients/$* ..." >&2
	@mkdir -p .clients/$* && cp $^ .clients/$*
	@cd .clients/$* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >install.log 2>&1 || { cat install.log >&2; exit 1; }
	@touch $@

clients: $(CLIENTS:%=.clients/%/.installed) ## install real clients for tests/clients (needs npm too)

test: $(DEV) ## run the quick tests, which touch every rule
	@$(TESTS) -m "not slow and not real_lists" --hypothesis-profile=short
	@echo "make test-all runs the slow tests too, and all examples of each property."

test-all: $(DEV) ## run all tests
	@$(TESTS)

test-lists: $(DEV) ## run the tests of the real lists in ../shared/data
	@$(TESTS) -m real_lists

check: $(DEV) ## lint, format, types, layers, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.reference --check

format: $(DEV) ## format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEV) ## re-make docs/reference from the code
	$(BIN)/python -m scripts.reference

bundle: $(RUN) ## re-make the bundled catalogue (live; FROM=list.json or FROM=store)
	$(BIN)/python -m scripts.bundle $(if $(FROM),--from "$(FROM)",)

bench: $(DEV) ## measure against nginx and FastAPI in one run
	$(BIN)/python -m benchmarks.run

bench-questions: $(DEV) ## twenty questions on lists up to 100,000 models
	$(BIN)/python -m benchmarks.questions

bench-year: $(DEV) ## weave a year of hourly lists in and measure (an hour)
	$(BIN)/python -m benchmarks.year

chaos: $(DEV) ## kill -9 under load, on SQLite and PostgreSQL (ROUNDS=200)
	$(BIN)/python -m tests.chaos.run --rounds $(or $(ROUNDS),200)

lock: $(BIN)/python ## pin the dependencies anew, with hashes and without addresses
	@$(PIP) uv
	@for set in run dev; do \
	  groups="--group build"; [ $$set = dev ] && groups="$$groups --group dev --constraint requirements/run.txt"; \
	  $(BIN)/uv pip compile pyproject.toml $$groups --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command 'make lock' --upgrade --output-file requirements/$$set.txt; done
	@for client in requirements/clients/*.in; do \
	  $(BIN)/uv pip compile $$client --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command 'make lock' --upgrade --output-file $${client%.in}.txt; done
	@for client in requirements/clients/*/package.json; do (cd $${client%/*} && rm -f package-lock.json && \
	  npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --loglevel=error); done

clean: ## remove .venv and caches
	rm -rf $(VENV) .clients .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
