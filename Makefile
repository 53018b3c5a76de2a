# Each target makes what it needs from Python >= 3.11 and pip alone; a stamp keeps it from doing so twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all browser dask spark soak versions lint docs notebooks bench clean

$(VENV)/.base: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "togglframe needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@echo "Installing togglframe and what it needs in $(VENV), once; this takes a while ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

STAMPS := $(addprefix $(VENV)/.,test browser lint docs dask spark versions)
$(STAMPS): $(VENV)/.%: $(VENV)/.base
	@echo "Installing what \"make $(MAKECMDGOALS)\" needs in $(VENV), once; this takes a while ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[all]" --group $*
	@touch $@

demo: $(VENV)/.base
	@echo "Writing the portfolio of a demo agency; this needs no account ..."
	@$(BIN)/togglframe demo
	@echo "Look at demo-output/portfolio.xlsx and demo-output/portfolio.png"

# What every change runs: a file of tests in one process, and not what runs by night.
test: $(VENV)/.test
	@$(BIN)/python -m pytest --quiet -n auto --dist loadfile -m "daily or not nightly"

# What a night runs: every test, with more examples, kills and servers. TOGGLFRAME_DAY sets the
# clock of the library to another day, and tries the demo on it.
NIGHT := TOGGLFRAME_EXAMPLES=night TOGGLFRAME_KILLS=100 TOGGLFRAME_SERVERS=10000
test-all: $(VENV)/.test
	@$(NIGHT) $(BIN)/python -m pytest --quiet -n auto --dist loadfile --timeout 3600

# The page in Chromium or Chrome, which must be installed with its chromedriver.
browser: $(VENV)/.browser
	@$(BIN)/python -m pytest --quiet tests/browser

# An archive of 200,000 entries in other engines, by the code of the guide; Spark needs Java 17.
dask spark: %: $(VENV)/.%
	@$(BIN)/python -m pytest --quiet tests/engines/check_$@.py

# Does any test hang on a clock? As often as RUNS says, beside processors that are kept busy.
RUNS ?= 10
soak: $(VENV)/.test
	@$(BIN)/python tests/soak.py $(RUNS)

# The tests on every Python at hand, on the newest dependencies and on the oldest that
# pyproject.toml allows; TESTS chooses some, as in `make versions TESTS=tests/contract`.
versions: $(VENV)/.versions
	@$(BIN)/tox run --workdir .tox/newest -- $(TESTS)
	@UV_RESOLUTION=lowest-direct $(BIN)/tox run --workdir .tox/lowest -- $(TESTS)

lint: $(VENV)/.lint
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tests/words.py

# -E reads every page again: Sphinx does not see that the library changed.
docs: $(VENV)/.docs
	@echo "Running every example; this takes a while ..."
	@$(BIN)/python docs/outputs.py
	@echo "Writing the documentation ..."
	@$(BIN)/sphinx-build --quiet -E -W --keep-going --nitpicky -j auto docs docs/_build/html
	@$(BIN)/python docs/check_links.py docs/_build/html
	@echo "Open docs/_build/html/index.html"

# What pages and notebooks print and draw, and the gallery, as the code gives them now.
notebooks: $(VENV)/.docs
	@echo "Running every page and notebook, and drawing the gallery; this takes a while ..."
	@$(BIN)/python docs/outputs.py --write
	@$(BIN)/python docs/gallery.py
	@echo "Look at the pages that changed: git diff --stat docs notebooks"

bench: $(VENV)/.test
	@for script in tests/benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .tox demo-output build dist docs/_build docs/notebooks docs/reference/api \
	  docs/reference/endpoints docs/reference/modules docs/reference/tables \
	  notebooks/*.xlsx \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
