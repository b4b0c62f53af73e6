#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Runs the Go benchmarks of every package that has some. Arguments go to go
# test: scripts/benchmarks.sh -count=10 | tee new.txt, then benchstat.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(grep -rlE --include='*_test.go' '^func Benchmark' . | xargs -r -n1 dirname | sort -u || true)
[ -n "$packages" ] || { echo "scripts/benchmarks.sh: no benchmarks"; exit 0; }
go test -run '^$' -bench . -benchmem "$@" $packages
