# Two commands: `make workshop` and `make test`. Everything they need, they set up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .cache/clients
WIDGET := gt_widgets/widgets/static/widget.js
FRONT_END := $(shell find labextension/src labextension/style labextension/scripts -type f 2>/dev/null)
STATE := $(CURDIR)/build/workshop
PYTEST_ARGS ?=
AGAIN := --reruns 2  # real browsers, servers and processes on a busy machine; each rerun is printed
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)  # of a container

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1

.PHONY: help workshop test lint wheel bench docs setup soak system browser engine clean

help:
	@echo "make workshop            set up, then open the workshop notebook in JupyterLab"
	@echo "make workshop HEADLESS=1 set up, run the notebook to its end and print the result"
	@echo "make test                set up, system packages included, and run all tests"
	@echo "make browser engine      the two halves of it, which make test runs side by side"
	@echo "make lint wheel bench docs soak clean"

# --- setting up ------------------------------------------------------------------------------------

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); tools/system-packages python3-venv && $(PYTHON) -m venv $(VENV); }

labextension/node_modules/.ready: labextension/package-lock.json
	cd labextension && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WIDGET): labextension/node_modules/.ready $(FRONT_END)
	cd labextension && npm run --silent build

$(VENV)/.ready: pyproject.toml $(VENV)/bin/python | $(WIDGET)
	$(BIN)/pip install -e .
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	$(BIN)/pip install -e '.[test,lint]'
	@touch $@

setup: $(WIDGET) $(VENV)/.ready

$(CLIENTS)/.ready:
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install awscli sagemaker-core
	@touch $@

system:
	tools/system-packages chromium postgresql

# --- the two commands ------------------------------------------------------------------------------

workshop: setup
ifdef HEADLESS
	$(BIN)/python tools/run_notebook.py notebooks/01_workshop.ipynb --root $(STATE)
else
	GT_WIDGETS_ROOT=$(STATE) $(BIN)/jupyter lab --notebook-dir=notebooks $(ALLOW_ROOT) \
		$(CURDIR)/notebooks/01_workshop.ipynb
endif

test: setup $(VENV)/.ready-test $(CLIENTS)/.ready system lint
	cd labextension && npm test --silent
	@$(MAKE) --no-print-directory -j2 --output-sync=$(if $(CI),target,none) browser engine

# --- the rest --------------------------------------------------------------------------------------

lint: setup $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd labextension && npm run --silent lint

wheel: $(WIDGET) $(VENV)/bin/python
	$(BIN)/pip wheel --no-deps --wheel-dir dist .
	@ls dist/*.whl

browser: setup $(VENV)/.ready-test system
	MAKEFLAGS= $(BIN)/pytest -m browser $(AGAIN) $(PYTEST_ARGS)

engine: setup $(VENV)/.ready-test $(CLIENTS)/.ready system  # apart: Playwright keeps an event loop running
	MAKEFLAGS= $(BIN)/pytest -m "not browser" $(AGAIN) $(PYTEST_ARGS)

bench: setup $(VENV)/.ready-test system
	$(BIN)/pip install -e '.[bench]'
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/manifests.py 200000
	$(BIN)/python benchmarks/task_queue.py
	$(BIN)/python benchmarks/large_jobs.py

soak: setup $(VENV)/.ready-test
	GT_WIDGETS_KILLS=10000 $(BIN)/pytest tests/contract/test_kills.py --timeout=7200 -s
	GT_WIDGETS_SOAK=1 $(BIN)/pytest tests/notebooks --timeout=7200

docs: setup $(VENV)/.ready-test
	$(BIN)/python tools/check_docs.py

clean:
	rm -rf build dist $(VENV) .cache labextension/node_modules gt_widgets/widgets/static/widget.*
