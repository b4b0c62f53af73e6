#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Builds the release archive of this machine's architecture in dist/ and shows
# that it runs where there is nothing else:
#
#	scripts/release.sh VERSION
#
# The binary is stripped and linked statically, so it wants no library of the
# machine that runs it. The linker warns about getaddrinfo and its like: Go's
# own resolver is used instead (netgo, osusergo), and DuckDB loads no extension.
set -euo pipefail

version=${1:?usage: scripts/release.sh VERSION}
cd "$(dirname "$0")/.."

arch=$(go env GOARCH)
name=kestrel-$version-linux-$arch
stage=dist/stage/$name
rm -rf dist/stage
mkdir -p "$stage/examples"

echo "scripts/release.sh: building $name"
CGO_ENABLED=1 GOOS=linux go build -trimpath -buildvcs=false -tags 'netgo osusergo' \
	-ldflags "-s -w -X main.version=$version -linkmode external -extldflags -static" \
	-o "$stage/kestrel" ./cmd/kestrel

# licenses prints the notices of Go and of the modules that the binary holds.
licenses() {
	local module dir text
	printf '==== %s: LICENSE\n\n' "$(go env GOVERSION)"
	cat "$(go env GOROOT)/LICENSE"
	printf '\n\n'
	go version -m "$stage/kestrel" | awk '$1 == "dep" { print $2 "@" $3 }' | LC_ALL=C sort |
		while read -r module; do
			dir=$(go list -m -f '{{.Dir}}' "${module%@*}")
			for text in "$dir"/LICENSE* "$dir"/LICENCE* "$dir"/UNLICENSE* "$dir"/COPYING* "$dir"/NOTICE*; do
				[ -f "$text" ] || continue
				printf '==== %s: %s\n\n' "$module" "$(basename "$text")"
				cat "$text"
				printf '\n\n'
			done
		done
}
licenses >"$stage/THIRD-PARTY-NOTICES"
cp LICENSE "$stage/"
for text in README.md CHANGELOG.md; do
	[ ! -f "$text" ] || cp "$text" "$stage/"
done
cp examples/helloworld.hf "$stage/examples/"

archive=dist/$name.tar.gz
tar -C dist/stage --sort=name --owner=0 --group=0 --numeric-owner \
	--mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" -cf - "$name" | gzip -9n >"$archive"
rm -rf dist/stage
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
ls -l "$archive"

scripts/empty-root.sh "$archive"
