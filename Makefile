# make run: the app. make test: all tests. make quick: those that take seconds. Each installs what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
IN_TWO := -n 2 --dist loadfile  # processes; a file's tests share what they have trained

.PHONY: run test quick lint check bench requirements clean

run: $(VENV)/.run
	$(BIN)/streamlit run app.py

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(IN_TWO) --ignore tests/browser
	$(BIN)/python -m pytest tests/browser

quick: $(VENV)/.dev
	$(BIN)/python -m pytest $(IN_TWO) --ignore tests/browser -m 'not slow'

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m bench

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	bash tests/system.sh $(BIN)
	touch $@ $(VENV)/.run

# Exact versions for every platform, from the ranges in the .in files.
requirements: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --upgrade \
		requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --upgrade \
		-c requirements.txt requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) .dlcore .pytest_cache .mypy_cache .ruff_cache
