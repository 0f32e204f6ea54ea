# The commands of the project. Each says how far it is; `make help` lists them.
# What they do is in .ci/, one small script per thing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export QDEI_STARTED := $(shell date +%s)

# Added to the program's own: make run ARGS="--address 127.0.0.1:4000"
ARGS ?=

.PHONY: help run test test-long bench bench-scale watch package

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and start on http://127.0.0.1:3000
	@.ci/step 1/4 "Looking for what is missing"
	@.ci/setup run
	@.ci/step 2/4 "Building what the browser gets"
	@.ci/build site
	@.ci/step 3/4 "Building the program (the first time about ten minutes)"
	@.ci/build server
	@.ci/step 4/4 "Starting; Ctrl-C stops it"
	@exec target/qdei serve --demo-if-empty $(ARGS)

test: ## Install what is missing and run every test
	@.ci/step 1/7 "Looking for what is missing"
	@.ci/setup test
	@.ci/step 2/7 "Checking the format"
	@cargo fmt --all --check
	@.ci/step 3/7 "Building what the browser gets"
	@.ci/build site
	@.ci/step 4/7 "Building the program (the first time about ten minutes)"
	@.ci/build server
	@.ci/step 5/7 "Building the tests"
	@.ci/cargo test --release --workspace --features app/ssr --no-run
	@.ci/step 6/7 "Rules, stores, pages and crashes, on SQLite and PostgreSQL"
	@.ci/with-postgres .ci/cargo test --release --workspace --features app/ssr
	@.ci/step 7/7 "Journeys in a browser"
	@.ci/with-postgres .ci/end2end
	@.ci/step done "Everything passed"

test-long: ## Every test, and those that take long
	@$(MAKE) test
	@.ci/step 1/1 "The long tests"
	@.ci/with-postgres .ci/cargo test --release --workspace --features app/ssr -- --ignored

bench: ## Measure against the budgets
	@.ci/step 1/3 "Looking for what is missing"
	@.ci/setup run
	@.ci/step 2/3 "Building"
	@.ci/build
	@.ci/step 3/3 "Measuring"
	@.ci/bench

bench-scale: ## Measure with very many people
	@.ci/step 1/3 "Looking for what is missing"
	@.ci/setup run
	@.ci/step 2/3 "Building"
	@.ci/build
	@.ci/step 3/3 "Measuring at scale"
	@.ci/bench scale

watch: ## Rebuild and reload while working (needs cargo-leptos)
	@command -v cargo-leptos >/dev/null || { echo "make watch needs cargo-leptos: cargo install cargo-leptos. Without it, make run builds what has changed."; exit 1; }
	@.ci/step 1/1 "Watching; Ctrl-C stops it"
	@cargo leptos watch

package: ## Build the binary for another machine: target/package/qdei
	@.ci/step 1/3 "Looking for what is missing"
	@.ci/setup run
	@.ci/step 2/3 "Building what the browser gets"
	@.ci/build site
	@.ci/step 3/3 "Building the smallest and quickest program (about twenty minutes)"
	@.ci/build server dist
	@ls -lh target/package/qdei | awk '{ print "target/package/qdei: " $$5 }'
