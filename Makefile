# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The toolchain that is installed, never one that is fetched: a dependency that
# wants a newer Go must fail here.
export GOTOOLCHAIN := local

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

.PHONY: check
check: format vet lint race golden ## all that a change must pass before it is merged

.PHONY: format
format: ## fail if gofmt would change a file
	@bad=$$(git ls-files -co --exclude-standard '*.go' | xargs -r gofmt -l); \
	if [ -n "$$bad" ]; then echo "gofmt would change:"; echo "$$bad"; exit 1; fi

.PHONY: vet
vet:
	go vet ./...
	go vet -tags integration ./...

.PHONY: lint
lint: ## golangci-lint, as .golangci.yml says, at the version of tools/go.mod
	"$$(scripts/tool.sh golangci-lint)" run ./...

.PHONY: test
test: ## the tests, once
	go test ./...

.PHONY: race
race: ## the tests with the race detector
	go test -race -timeout 30m ./...

.PHONY: golden
golden: ## rewrite golden files and generated code; fail if that changes anything
	scripts/golden.sh

.PHONY: generate
generate: ## run go generate
	go generate ./...

.PHONY: integration
integration: ## tests against real parts, among them the original Kestrel
	scripts/integration.sh

.PHONY: bench
bench: ## Go benchmarks, then the whole program beside the original
	scripts/benchmarks.sh
	bench/compare

.PHONY: release
release: ## a static Linux binary in dist/, shown to run in an empty root
	scripts/release.sh "$(VERSION)"
