#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Installs stix-shifter, written in Python, with a few of its modules in a
# virtual environment of its own, and prints the path of that environment. Tests
# run hunts through it and compare translations with it.
#
#	scripts/stixshifter-venv.sh
#
# The environment lies outside the repository: at KESTREL_STIXSHIFTER_VENV, or
# else under XDG_CACHE_HOME. An environment that this recipe has finished is left
# as it is; any other is built anew. Two callers at once are safe.
set -euo pipefail

release=8.1.3
modules=(stix-bundle elastic-ecs qradar)

packages=("stix-shifter==$release" "stix-shifter-utils==$release")
for module in "${modules[@]}"; do
	packages+=("stix-shifter-modules-$module==$release")
done

venv=${KESTREL_STIXSHIFTER_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/kestrel/stixshifter}
stamp=$venv/recipe

mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9

if [ "$(cat "$stamp" 2>/dev/null)" != "${packages[*]}" ]; then
	echo "scripts/stixshifter-venv.sh: installing stix-shifter $release in $venv" >&2
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >&2
	query=$("$venv/bin/stix-shifter" translate elastic_ecs query '{}' "[process:pid = 4]")
	[[ $query == *process.pid* ]] || { echo "scripts/stixshifter-venv.sh: the translation is: $query" >&2; exit 1; }
	echo "${packages[*]}" >"$stamp"
fi
echo "$venv"
