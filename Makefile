# Every job of the project. Plain make (3.81 or newer) and sh; run `make` for the list.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help setup setup-dev engine demo demo-short dev sam-local sam-invoke sam-base test coverage test-slow replay simulate jepsen check format format-check lint types arrows \
        template openapi openapi-check audit deps deps-check build build-twice smoke e2e browser fuzz load bench bench-segmentation bench-coldstart bench-cost clean

ROOT := $(CURDIR)
VENV := .venv
TOOLS := .tools
PY := $(VENV)/bin/python
SAM_VENV := $(TOOLS)/sam
BROWSER_VENV := $(TOOLS)/browser
FUZZ_VENV := $(TOOLS)/fuzz
LOAD_VENV := $(TOOLS)/load
E2E_VENV := $(TOOLS)/e2e
AUDIT_VENV := $(TOOLS)/audit
BENCH_VENV := $(TOOLS)/bench
SECONDS_DIR := $(TOOLS)/seconds
PIP_INSTALL := -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes -r
CODE := layers/core/python functions infra tests events/receipt
REQUIREMENTS := runtime local analytics dev sam ministack browser fuzz load bench audit e2e samlocal coldstart

# The first interpreter that is new enough and really starts; Lambda's own minor version comes first.
FIND_PYTHON = for python in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3; do \
	if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then break; fi; \
	python=""; done; \
	if [ -z "$$python" ]; then echo "Siyu needs Python 3.11 or newer with its venv module. Install it" \
	"(Debian: apt install python3 python3-venv; macOS: brew install python@3.13) or name it:" \
	"make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 1; fi

# Where a real python of the Lambda runtime may live besides PATH; a pyenv shim does not count.
LAMBDA_PYTHON_DIR = $(lastword $(sort $(wildcard $(HOME)/.pyenv/versions/3.13*/bin)))
SAM_ENV = SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} \
	PATH="$(ROOT)/$(SAM_VENV)/bin:$(if $(LAMBDA_PYTHON_DIR),$(LAMBDA_PYTHON_DIR):)$(ROOT)/$(VENV)/bin:$$PATH"
HOST_ARCH = $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
ARCH ?= arm64
# Two processes, each with engines of its own; a module stays in one of them.
WORKERS = --numprocesses 2 --dist loadfile

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installation.

setup: $(VENV)/local-stamp $(VENV)/bin/siyu $(TOOLS)/engine-stamp ## Install what `make demo` and `make dev` need (once)
	@cat $(SECONDS_DIR)/packages $(SECONDS_DIR)/engine 2>/dev/null \
		| awk '{total += $$1} END {print total + 0}' > $(TOOLS)/setup-seconds

setup-dev: setup $(VENV)/dev-stamp $(SAM_VENV)/stamp ## Install the checkers and the template tools too

engine: ## Install the local DynamoDB, SQS and Secrets Manager into .tools/, or try again
	@rm -f $(TOOLS)/engine-stamp
	@$(MAKE) --no-print-directory $(TOOLS)/engine-stamp

# $(call timed,<name>,<what is going on>,<commands>): one line of progress, seconds kept for `make demo`.
define timed
@mkdir -p $(SECONDS_DIR); start=$$(date +%s); echo "[setup] $(2)"; { $(3); } \
	|| { echo "[setup] $(1) failed. Check the network, then run make again; make clean starts afresh." >&2; exit 1; }; \
	echo $$(( $$(date +%s) - start )) > $(SECONDS_DIR)/$(1); echo "[setup] $(1): $$(cat $(SECONDS_DIR)/$(1)) s"
endef

$(PY):
	@$(FIND_PYTHON); echo "[setup] virtual environment $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv $(VENV)

# The .pth makes `siyu`, the functions, `infra` and `tests` importable without touching sys.path in code.
$(VENV)/local-stamp: requirements/local.txt | $(PY)
	$(call timed,packages,Python packages of the local runner,$(PY) $(PIP_INSTALL) requirements/local.txt)
	@$(PY) -c 'import pathlib, sys, sysconfig; \
	pathlib.Path(sysconfig.get_path("purelib"), "siyu-source.pth").write_text("\n".join(sys.argv[1:]) + "\n")' \
		"$(ROOT)/layers/core/python" "$(ROOT)/functions" "$(ROOT)"
	@touch $@

# The operator's command, from any folder. -P: a folder named infra where one stands must not be taken for ours.
$(VENV)/bin/siyu: Makefile | $(VENV)/local-stamp
	@printf '#!/bin/sh\nexec "%s" -P -m infra.cli "$$@"\n' "$(ROOT)/$(PY)" > $@ && chmod +x $@

$(VENV)/dev-stamp: requirements/dev.txt $(VENV)/local-stamp
	$(call timed,checkers,checkers and test tools,$(PY) $(PIP_INSTALL) requirements/dev.txt)
	@touch $@

$(SAM_VENV)/stamp: requirements/sam.txt | $(PY)
	$(call timed,sam,SAM CLI and cfn-lint,$(PY) -m venv $(SAM_VENV) && $(SAM_VENV)/bin/python $(PIP_INSTALL) requirements/sam.txt)
	@touch $@

$(TOOLS)/engine-stamp: infra/local/install_engine.py requirements/ministack.txt | $(PY)
	$(call timed,engine,local DynamoDB$(comma) SQS and Secrets Manager,$(PY) infra/local/install_engine.py)
	@touch $@

$(BROWSER_VENV)/stamp: requirements/browser.txt | $(PY)
	$(call timed,browser,driver of the browser tests,$(PY) -m venv $(BROWSER_VENV) && $(BROWSER_VENV)/bin/python $(PIP_INSTALL) requirements/browser.txt)
	@touch $@

$(FUZZ_VENV)/stamp: requirements/fuzz.txt | $(PY)
	$(call timed,fuzz,generator of odd requests,$(PY) -m venv $(FUZZ_VENV) && $(FUZZ_VENV)/bin/python $(PIP_INSTALL) requirements/fuzz.txt)
	@touch $@

# It signs what it sends with the product's own functions, so it needs the .pth too.
$(LOAD_VENV)/stamp: requirements/load.txt | $(VENV)/local-stamp
	$(call timed,load,what drives the load run,$(PY) -m venv $(LOAD_VENV) && $(LOAD_VENV)/bin/python $(PIP_INSTALL) requirements/load.txt)
	@cp $$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/siyu-source.pth \
		$$($(LOAD_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ && touch $@

# A hundred packages: uv takes seconds for them where pip takes most of a minute.
$(AUDIT_VENV)/stamp: requirements/audit.txt | $(VENV)/dev-stamp
	$(call timed,audit,tools that look for mistakes in security,$(PY) -m venv $(AUDIT_VENV) && $(VENV)/bin/uv pip install --quiet --no-config \
		--python $(AUDIT_VENV)/bin/python --no-deps --require-hashes -r requirements/audit.txt)
	@touch $@

# Its interpreter runs the functions, so Lambda's own minor version is taken where there is one, and nothing else is in it.
$(E2E_VENV)/stamp: requirements/e2e.txt
	$(call timed,e2e,an AWS on this machine,PATH="$(if $(LAMBDA_PYTHON_DIR),$(LAMBDA_PYTHON_DIR):)$$PATH"; $(FIND_PYTHON); \
		"$$python" -m venv --clear $(E2E_VENV) && $(E2E_VENV)/bin/python $(PIP_INSTALL) requirements/e2e.txt)
	@touch $@

# It runs the product beside the others, so it needs the .pth too.
$(BENCH_VENV)/stamp: requirements/bench.txt | $(VENV)/local-stamp
	$(call timed,bench,what nights are measured against,$(PY) -m venv $(BENCH_VENV) && $(BENCH_VENV)/bin/python $(PIP_INSTALL) requirements/bench.txt)
	@cp $$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/siyu-source.pth \
		$$($(BENCH_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ && touch $@

comma := ,

# Running.

demo: setup ## Replay a year of a shop on this machine (ORDERS=file.csv for your own orders)
	@$(PY) -m infra.demo $(if $(ORDERS),--orders "$(ORDERS)")

demo-short: ## The same with the small sample of orders the tests use
	@$(MAKE) --no-print-directory demo ORDERS=tests/data/sample_orders.csv

dev: setup ## Serve the whole back end on this machine until Ctrl-C (PORT=3001 for another port)
	@$(PY) -m infra.local dev $(if $(PORT),--port $(PORT))

sam-local: setup-dev ## The same in containers, by `sam local` (PORT=3001); needs Docker or Finch
	@$(SAM_ENV) $(PY) -m infra.samlocal serve $(if $(PORT),--port $(PORT))

sam-invoke: setup-dev ## Run a function in a container (FUNCTION=ScanSignupFunction EVENT=events/scan_signup/receipt.json); without names, all of them
	@$(SAM_ENV) $(PY) -m tests.samlocal.invoke $(FUNCTION) $(EVENT)

sam-base: setup-dev ## Make a stand-in for AWS's Lambda image where its registry is out of reach (Linux)
	@$(SAM_ENV) $(PY) -m infra.samlocal base

# Checking.

test: setup-dev ## Run the tests, all but the slow ones
	@$(PY) -m pytest -m "not slow" $(WORKERS) $(ARGS)

coverage: setup-dev ## The same with branch coverage, which takes half as long again; fails below 95 %
	@$(PY) -m pytest -m "not slow" $(WORKERS) --cov --cov-report=term-missing:skip-covered $(ARGS)

test-slow: setup-dev ## Run the slow tests: ten thousand codes, a kill at every call of a long erasure
	@$(PY) -m pytest -m slow $(WORKERS) $(ARGS)

replay: setup-dev ## Replay the real year twice, shuffled and with repeats, and compare with its order (ARGS="--limit 2000 --seed 1")
	@echo "[check] replay"; $(PY) -m tests.replay.run $(ARGS)

simulate: setup-dev ## Look for a history that breaks the books (ARGS="--events 1000000 --seed 1")
	@echo "[check] simulate"; $(PY) -m tests.simulation.run $(ARGS)

jepsen: setup-dev ## Look for a history of the ledger that no order of its writes explains (ARGS="--seconds 600 --seed 1")
	@echo "[check] jepsen"; $(PY) -m tests.jepsen.run $(ARGS)

browser: $(VENV)/local-stamp $(BROWSER_VENV)/stamp ## Look at the landing page and a report of segments with a real browser (ARGS=--screenshots to rewrite docs/screenshots)
	@echo "[check] browser"; $(PY) -m tests.browser.run $(ARGS)

fuzz: setup $(FUZZ_VENV)/stamp ## Throw generated requests at every route of a running API (schemathesis)
	@echo "[check] fuzz"; $(PY) -m tests.fuzz.run $(ARGS)

load: setup $(LOAD_VENV)/stamp ## Drive the whole back end for ten minutes, kill its table half way, count everything (ARGS="--seconds 60 --users 20 --seed 1")
	@echo "[check] load"; $(PY) -m tests.load.run $(ARGS)

bench: bench-segmentation ## Measure against what one would use instead, ratios of one run

bench-segmentation: setup $(BENCH_VENV)/stamp ## A night of a million members against DuckDB, Polars, pandas and boto3 (ARGS="--members 50000 --rounds 1", --curve, --json)
	@echo "[check] bench-segmentation"; $(BENCH_VENV)/bin/python -m infra.bench.run $(ARGS)

bench-cost: setup ## What signups, orders, credits and months cost, counted and priced (ARGS="--size 20", --month, --region cn-north-1, --json)
	@echo "[check] bench-cost"; $(PY) -m infra.cost.run $(ARGS)

check: setup-dev format-check lint types arrows template openapi-check deps-check ## Run every check but the tests

format: setup-dev ## Rewrite the code in the house format
	@$(PY) -m ruff format --quiet $(CODE) && $(PY) -m ruff check --quiet --fix-only $(CODE)

format-check: setup-dev ## Fail on code that `make format` would change
	@echo "[check] format"; $(PY) -m ruff format --quiet --check $(CODE) \
		|| { echo "Run make format." >&2; exit 1; }

lint: setup-dev ## Look for mistakes (ruff)
	@echo "[check] lint"; $(PY) -m ruff check --quiet $(CODE)

types: setup-dev ## Check the types (mypy, strict)
	@echo "[check] types"; $(PY) -m mypy

arrows: setup-dev ## Check who may import whom (import-linter)
	@echo "[check] arrows"; $(VENV)/bin/lint-imports --no-cache

template: setup-dev ## Check template.yaml (cfn-lint for the public and the China regions, sam validate)
	@echo "[check] template"; $(SAM_VENV)/bin/cfn-lint --template template.yaml infra/egress.yaml infra/operations.yaml \
		--regions us-east-1 eu-central-1 cn-north-1 cn-northwest-1
	@$(SAM_ENV) sam validate --lint

audit: setup-dev $(AUDIT_VENV)/stamp ## Look for mistakes in security (checkov, cfripper, bandit, pip-audit; ARGS=--require-advisories)
	@echo "[check] audit"; $(PY) -m infra.audit.run $(ARGS)

openapi: setup ## Write infra/openapi.json from the code
	@$(PY) -m infra.openapi

openapi-check: setup ## Fail when infra/openapi.json is not what the code says
	@echo "[check] openapi"; $(PY) -m infra.openapi --check

# Dependencies.

# $(call compile,<folder>): requirements/*.in to hashed requirements/*.txt. Versions already there stay; edit an
# .in file (or delete a .txt) to move them. Neither an index nor a path of this machine may enter the files.
define compile
@cd $(1) && for name in $(REQUIREMENTS); do \
	"$(ROOT)/$(VENV)/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make deps" \
		requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
done
endef

deps: setup-dev ## Compile requirements/*.in to pinned and hashed requirements/*.txt
	$(call compile,.)

deps-check: setup-dev ## Fail when requirements/*.txt are not what `make deps` writes
	@echo "[check] deps"; rm -rf $(TOOLS)/deps && mkdir -p $(TOOLS)/deps && cp -R requirements $(TOOLS)/deps/
	$(call compile,$(TOOLS)/deps)
	@diff -r -u requirements $(TOOLS)/deps/requirements || { echo "Run make deps and commit the result." >&2; exit 1; }

# Shipping.

build: setup-dev ## Build what `sam deploy` ships (ARCH=arm64 or x86_64)
	@$(SAM_ENV) SIYU_ARCH=$(ARCH) sam build --parameter-overrides Architecture=$(ARCH)
	@$(PY) -m infra.artefacts .aws-sam/build --arch $(ARCH)

build-twice: setup-dev ## Build for both processors two times, and fail when a byte differs
	@$(SAM_ENV) $(PY) -m infra.artefacts --twice

smoke: setup-dev ## Build for this machine and import every handler from the built artefacts alone
	@$(SAM_ENV) $(PY) -m infra.smoke --arch $(HOST_ARCH)
	@$(PY) -m infra.artefacts .aws-sam/smoke --arch $(HOST_ARCH)

bench-coldstart: setup-dev ## Start every built function cold under AWS's own runtime client (ARGS="--rounds 3", --functions a,b, --json)
	@echo "[check] bench-coldstart"; $(SAM_ENV) $(PY) -m infra.coldstart.run --arch $(HOST_ARCH) $(ARGS)

e2e: setup-dev $(E2E_VENV)/stamp ## Build, deploy to an AWS on this machine (ministack, no Docker), and live a story there over HTTP
	@echo "[check] e2e"; $(SAM_ENV) $(PY) -m infra.e2e --arch $(HOST_ARCH) $(ARGS)

clean: ## Delete everything the other targets installed or built
	rm -rf $(VENV) $(TOOLS) .aws-sam .local build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find layers functions infra tests events -name __pycache__ -prune -exec rm -rf {} +
