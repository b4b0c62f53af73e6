#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Prints the path of a tool that tools/go.mod pins, built if need be:
#
#	scripts/tool.sh golangci-lint
#
# The binary is kept outside the repository and named after tools/go.sum: a
# fresh clone finds it, a new pin builds anew.
set -euo pipefail

name=${1:?usage: scripts/tool.sh NAME}
cd "$(dirname "$0")/../tools"

package=$(go list -f '{{.ImportPath}}' tool | awk -F/ -v name="$name" '$NF == name')
[ -n "$package" ] || { echo "scripts/tool.sh: tools/go.mod pins no tool $name" >&2; exit 1; }

pin=$(sha256sum go.sum | cut -c1-12)
bin=${XDG_CACHE_HOME:-$HOME/.cache}/kestrel/tools/$pin/$(go env GOVERSION)/$name
if [ ! -x "$bin" ]; then
	echo "scripts/tool.sh: building $package" >&2
	mkdir -p "$(dirname "$bin")"
	go build -o "$bin.$$" "$package"
	mv "$bin.$$" "$bin"
fi
echo "$bin"
