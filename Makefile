# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
DEMO ?=

.PHONY: run test torture bench-signals check format lock clean migration audit sbom

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(PYTHON) -c "import pathlib, sys; d = next(pathlib.Path('$(VENV)/lib').glob('python3.*')) / 'site-packages'; (d / 'bureau.pth').write_text(str(pathlib.Path.cwd()) + '\n')"
	printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m app.cli "$$@"\n' > $(BIN)/bureau && chmod +x $(BIN)/bureau
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

run: $(VENV)/run.stamp  ## set up and serve on 127.0.0.1:8000, or PORT, with the embedded store; DEMO=1 fills it
	$(BIN)/bureau start --port $(PORT) $(if $(DEMO),--demo)

test: $(VENV)/dev.stamp check  ## set up, check, and run every test on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n auto

torture: $(VENV)/dev.stamp  ## the long forms of the figures
	$(BIN)/python -m pytest -m torture

bench-signals: $(VENV)/dev.stamp  ## the figures of detection, into docs/signals-figures.md; minutes long
	$(BIN)/python -m benchmarks.signals

check: $(VENV)/dev.stamp  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## renew the pinned versions (needs uv)
	uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url -o requirements/run.txt
	uv pip compile pyproject.toml --extra dev -c requirements/run.txt --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url -o requirements/dev.txt

clean:
	rm -rf $(VENV)

migration: $(VENV)/dev.stamp  ## write a migration for what changed in the models: make migration NAME="..."
	rm -f var/migration.db*
	mkdir -p var
	BUREAU_DATABASE_URL=sqlite:///var/migration.db $(BIN)/alembic upgrade head
	BUREAU_DATABASE_URL=sqlite:///var/migration.db $(BIN)/alembic revision --autogenerate -m "$(NAME)"
	$(BIN)/ruff format --quiet migrations; $(BIN)/ruff check --fix --quiet migrations

AUDIT := var/audit-tools

$(AUDIT)/stamp:
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1 cyclonedx-bom==7.5.0
	touch $@

audit: $(AUDIT)/stamp  ## known weaknesses of the pinned libraries; needs the network
	$(AUDIT)/bin/pip-audit --requirement requirements/run.txt --require-hashes --disable-pip --strict

sbom: $(AUDIT)/stamp  ## list of what is shipped, as CycloneDX, in var/sbom.json
	$(AUDIT)/bin/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --output-format JSON --output-file var/sbom.json
