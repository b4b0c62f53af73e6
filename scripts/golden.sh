#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Rewrites every golden file (go test -update) and all generated code
# (go generate), and fails if the working tree is not the same as before.
set -euo pipefail
cd "$(dirname "$0")/.."

# state prints one line that changes whenever a file of the tree does.
state() {
	git ls-files -co --exclude-standard -z | xargs -0 -r sha256sum 2>/dev/null | sha256sum
}

# flagged prints the packages whose tests know -update: they declare the flag
# themselves, or import a package that declares it for them.
flagged() {
	local file dir
	{ grep -rlE --include='*.go' 'flag\.Bool\("update"' . || true; } | while read -r file; do
		dir=$(dirname "$file")
		if [[ $file == *_test.go ]]; then
			go list "$dir"
		else
			importers "$(go list "$dir")"
		fi
	done
}

# importers prints the packages whose tests import a package.
importers() {
	go list -f '{{$p := .ImportPath}}{{range .TestImports}}{{$p}} {{.}}{{"\n"}}{{end}}{{range .XTestImports}}{{$p}} {{.}}{{"\n"}}{{end}}' ./... |
		awk -v helper="$1" '$2 == helper { print $1 }'
}

before=$(state)
packages=$(flagged | sort -u)
if [ -n "$packages" ]; then
	echo "go test -update" $packages
	# Without the data of third parties: golden files depend on our samples only.
	env -u KESTREL_TESTDATA go test -count=1 $packages -update
fi
echo "go generate ./..."
go generate ./...

if [ "$(state)" != "$before" ]; then
	git status --short
	git --no-pager diff --stat
	echo "scripts/golden.sh: golden files or generated code were out of date; review and commit them" >&2
	exit 1
fi
