# Python 3.11 or newer is all that these need; everything else is installed into .venv. The dashboard needs Node.js as well.

.DEFAULT_GOAL := help
.PHONY: screenshots help run dashboard dashboard-schema test soak stack interop check check-infra bench lock clean

BIN := .venv/bin
# More than CI has cores: one of them always waits for a server, a browser or an emulator.
WORKERS := 3
# The environment that Google's buildpack would make, for the functions of `make interop`.
AS_BUILT := FAREBOX_STACK_PYTHON=$(CURDIR)/.venv-buildpack/bin/python
# What one Python process has compiled, the hundreds after it are to find.
unexport PYTHONDONTWRITEBYTECODE

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

run: ## Serve everything on one port (PORT, 8080 by default)
	@sh scripts/install.sh requirements.txt
	@sh scripts/build_dashboard.sh --if-possible
	@exec $(BIN)/python main.py

dashboard: ## Build the dashboard into dashboard/dist (needs Node.js 20.19 or newer)
	@sh scripts/build_dashboard.sh

dashboard-schema: ## Write the API's types for the dashboard anew
	@sh scripts/install.sh requirements.txt
	@sh scripts/update_dashboard_schema.sh

test: ## Check the code, then run every test
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not alone"
	$(BIN)/python -m pytest -m alone $$(grep -rl --include='*.py' 'mark\.alone' tests)

soak: ## Run what takes long: longer fuzzes, 20,000 simulated schedules, every order of payment events, years of payers, a busy wallet, a million records carried over (in 16 GB of memory)
	@sh scripts/install.sh requirements.txt requirements-dev.txt
	FAREBOX_EXAMPLES=100 $(BIN)/python -m pytest tests/edge/rest/test_fuzz.py
	FAREBOX_EXAMPLES=334 $(BIN)/python -m pytest -n 2 --timeout 3600 tests/edge/chat/test_money_fuzz.py
	FAREBOX_SCHEDULES=20000 $(BIN)/python -m pytest -n 2 --timeout 3600 tests/simulation
	FAREBOX_YEARS=1000 $(BIN)/python -m pytest -n 2 tests/billing/test_year.py
	FAREBOX_SOAK=1 $(BIN)/python -m pytest -n 2 tests/billing/test_every_order.py tests/billing/test_lifecycle_orders.py tests/billing/test_gone.py
	FAREBOX_SOAK=1 $(BIN)/python -m pytest --timeout 1200 tests/load
	FAREBOX_SOAK=1 JAVA_TOOL_OPTIONS=-Xmx16g $(BIN)/python -m pytest --timeout 7200 tests/storage/test_copying.py -k back

stack: ## Serve everything as production has it: on emulators, each function apart (PORT, 8080 by default)
	@sh scripts/install.sh requirements.txt requirements-dev.txt
	@exec $(BIN)/python -m tests.support.product.production_stack

screenshots: ## Picture every page of the dashboard, at two widths and in both schemes, into build/screenshots
	@sh scripts/install.sh requirements.txt requirements-dev.txt
	@sh scripts/build_dashboard.sh
	$(BIN)/python -m tests.browser.screenshots

interop: ## Put a real LiteLLM proxy behind it and the vendors' clients in front; writes docs/interop.md
	@sh scripts/interop.sh
	@sh scripts/buildpack.sh
	FAREBOX_INTEROP=1 $(AS_BUILT) $(BIN)/python -m pytest tests/interop tests/conformance/test_python_client.py tests/conformance/test_node_client.py
	FAREBOX_INTEROP=1 FAREBOX_BROWSER=stack $(AS_BUILT) $(BIN)/python -m pytest tests/browser

check: ## Lint, formatting and types, and the form of what deploys
	@sh scripts/check.sh

check-infra: ## Scan infra/ again, and validate it where its providers can be had
	@sh scripts/install.sh requirements.txt requirements-dev.txt
	@sh scripts/scan_infra.sh
	@sh scripts/validate_infra.sh

bench: ## Measure it beside a bare relay, Portkey and LiteLLM; BENCH="--all" for the slow parts too
	@sh scripts/bench.sh
	$(BIN)/python -m benchmarks $(BENCH)

lock: ## Resolve requirements*.in into requirements*.txt, with hashes
	@sh scripts/lock.sh

clean: ## Remove what was built, installed and stored here: .venv, caches and the local database
	rm -rf dashboard/dist dashboard/node_modules scripts/bun/node_modules .cache .venv .venv-* .farebox .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
