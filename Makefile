# Parley from a fresh clone: `make demo`, then `make test`. `make help` lists the rest.
# Needs Python 3.11 to 3.14, git and make; everything else goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LAKE := demo-lake
UI_PORT ?= 4200
# In the order of their folders: deployments/ and flows/ wait for servers, so that they begin first.
PARALLEL := --numprocesses 2 --dist loadfile --no-loadscope-reorder
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(FITS)' 2>/dev/null && { echo $$p; break; }; done)

# Nothing here reports to anybody.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo check test tests test-long torture lint ui bench bench-lake readability docs lock wheel clean
.DEFAULT_GOAL := help

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

demo: $(READY) ## Ingest the sample articles into ./demo-lake and show what came out
	@rm -rf $(LAKE)
	$(BIN)/parley ingest seeds/articles --lake $(LAKE) --source demo
	@echo; echo "Who met whom:"
	@$(BIN)/parley show meetings --brief --limit 12 --lake $(LAKE)
	@echo; echo "Who said what:"
	@$(BIN)/parley show quotes --limit 3 --lake $(LAKE)
	@echo; echo "Who is quoted most, in SQL:"
	@$(BIN)/parley sql --lake $(LAKE) \
		"SELECT speaker, count(*) AS quotes FROM quotes WHERE speaker IS NOT NULL GROUP BY speaker ORDER BY quotes DESC, speaker LIMIT 5"
	@echo
	@echo "Where to look next:"
	@echo "  $(BIN)/parley show meetings --person Lavrov --lake $(LAKE)"
	@echo "  $(BIN)/parley sql --lake $(LAKE) \"SELECT * FROM meetings\""
	@echo "  $(BIN)/parley verify --lake $(LAKE)         # does every row still point at its words?"
	@echo "  $(BIN)/parley ingest PATH…                  # your own .txt and .html, into ./lake"
	@echo "  make ui                                     # the same run, in Prefect's pages"

check: $(READY) lint ## Lint, types, import contracts and the tests of single functions, in under a minute
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not long" tests/schemas tests/seeds tests/tasks --ignore tests/tasks/lake

test: $(READY) ## Lint, types, import contracts and the tests; eight minutes on two processors
	@$(MAKE) --no-print-directory --jobs 2 lint tests  # side by side: while tests wait for servers, types are checked

tests: $(READY)
	$(BIN)/python -m pytest $(PARALLEL) -m "not long"

test-long: $(READY) ## What rarely breaks and takes longer: torture, whole days in fast motion, a new environment, a browser
	$(BIN)/python -m pytest $(PARALLEL) -m long $(LONG)

torture: $(READY) ## Kill writers for ten minutes while others go on, and count lost rows; TORTURE="--seconds 30 --kills 60"
	PYTHONPATH=tests $(BIN)/python -m torture $(TORTURE)

fuzz: $(READY) ## Read 100,000 damaged articles, and look for exceptions and wrong offsets; FUZZ="--texts 2000"
	PYTHONPATH=tests $(BIN)/python -m fuzz $(FUZZ)

lint: $(READY) ## The checks that run no code of ours
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

ui: $(READY) ## Watch the demo's run in Prefect's pages on 127.0.0.1 (UI_PORT=4200)
	@sh deployments/ui.sh $(BIN) $(UI_PORT) $(LAKE)

serve: $(READY) ## Read every watched source every 15 minutes, with Prefect's pages; deployments/README.md has more
	@$(BIN)/parley serve

bench: $(READY) ## Articles per second, peak memory, seconds to the first row; BENCH="--articles 10000" for more
	$(BIN)/python -m benchmarks.speed $(BENCH)
	$(BIN)/python -m benchmarks.startup

day: $(READY) ## A day of scheduled runs in fast motion, with accidents; DAY="--runs 12" for a morning
	$(BIN)/python -m benchmarks.day $(DAY)

bench-lake: $(READY) ## Milliseconds to append to lakes of 10, 1,000 and 10,000 batches, and to ask them
	$(BIN)/python -m benchmarks.lake $(BENCH)

readability: $(READY) ## Branches, complexity, one-word names and long lines of each room; ROOM=tasks/quotes for one
	$(BIN)/python -m benchmarks.readability $(ROOM)

wheel: $(READY) ## Build dist/parley_news-….whl, to install where there is no checkout
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@rm -rf build
	@ls dist/*.whl

lock: $(READY) ## Write requirements.lock anew from pyproject.toml, install it, and wait for a scheduled run with it
	$(BIN)/python -m pip install --quiet 'uv>=0.8'
	$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --output-file requirements.lock
	@! grep -nE 'https?://|file:|^-|^ *#.*index' requirements.lock || { echo "The lock must name no index."; exit 1; }
	$(MAKE) $(READY)
	$(BIN)/python -m pytest -q tests/deployments/test_schedules.py
	@echo "The new lock makes scheduled runs; now: make test"

docs: $(READY) ## Write docs/tables.md and the answers of docs/cookbook.md anew
	$(BIN)/python -m docs.generate

clean: ## Remove the environment, caches and the demo's lake
	rm -rf $(VENV) $(LAKE) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "Parley needs Python 3.11 to 3.14 on the PATH; name one with: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c '$(FITS)' || { echo "Parley needs Python 3.11 to 3.14; $(PYTHON) is `$(PYTHON) --version 2>&1`"; exit 1; }
	@echo "Installing into $(VENV) with $(PYTHON) (a minute or two the first time) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)
