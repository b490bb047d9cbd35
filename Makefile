# Everything runs from a fresh clone: Python ≥ 3.11, make and a package index are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .venv-peers
DEMO_FLAGS ?=
PYTEST_FLAGS ?=

.PHONY: demo test lint format bench lock locale clean

demo: $(READY)
	$(BIN)/charter demo demo-charte $(DEMO_FLAGS)

test: $(READY)
	.ci/chromium
	$(BIN)/python -m pytest -n 2 $(PYTEST_FLAGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) $(PEERS)/.ready
	$(BIN)/python tests/bench/run.py $(PEERS)/bin

# The locks hold hashes and no address: any package index can serve them.
UV_COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --python-version 3.11

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(UV_COMPILE) pyproject.toml --extra export --extra dev \
		--output-file requirements.lock
	$(UV_COMPILE) --group pyproject.toml:peers --output-file tests/bench/peers.lock

locale: $(READY)
	$(BIN)/pybabel -q compile -D click -d charter_builder/locale

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 ou plus récent est nécessaire (PYTHON=… pour le choisir).'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
# pip compiles what it installs, save what stays where it is.
	$(BIN)/python -m compileall -q charter_builder
	touch $@

$(PEERS)/.ready: tests/bench/peers.lock
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) demo-charte site build dist
