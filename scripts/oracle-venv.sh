#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Installs the original Kestrel, written in Python, in a virtual environment of
# its own, and prints the path of that environment. Tests compare with it and
# bench/compare races it.
#
#	scripts/oracle-venv.sh          # release 1.8.1
#	scripts/oracle-venv.sh 1.7.6    # the last one under the name kestrel-lang
#	scripts/oracle-venv.sh elastic  # 1.8.1 with stix-shifter for elastic_ecs
#
# Release 1.8 is kestrel-lang split in parts: kestrel-core and one package for
# each interface. It is the default: it starts faster than 1.7.6, and the
# recordings of the original that our tests know come from it.
#
# The environment lies outside the repository: at KESTREL_ORACLE_VENV, or else
# under XDG_CACHE_HOME. An environment that this recipe has finished is left as
# it is; any other is built anew. Two callers at once are safe.
#
# What the pins are for: with stix2-patterns 2 every GET fails on its time
# range; pandas 3 shows nulls in another way, and pandas 2.1 wants NumPy 1; a
# pyarrow newer than the pandas is taken for missing when a variable is saved.
set -euo pipefail

release=${1:-1.8.1}
common=(firepit==2.3.35 pandas==2.1.4 numpy==1.26.4 pyarrow==21.0.0 lark==1.3.1 typeguard==4.6.1
	stix2-patterns==1.3.2 stix2-matcher==3.0.0)
case $release in
1.8.1) packages=(kestrel-core==1.8.1 kestrel-datasource-stixbundle==1.8.0 kestrel-analytics-python==1.8.0) ;;
1.7.6) packages=(kestrel-lang==1.7.6) ;;
elastic) packages=(kestrel-core==1.8.1 kestrel-datasource-stixshifter==1.8.4 stix-shifter==7.0.6 stix-shifter-utils==7.0.6
	stix-shifter-modules-elastic-ecs==7.0.6) ;;
*) echo "scripts/oracle-venv.sh: no recipe for release $release" >&2; exit 2 ;;
esac
packages+=("${common[@]}")

venv=${KESTREL_ORACLE_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/kestrel/oracle}
[ "$release" = 1.8.1 ] || venv=$venv-$release
stamp=$venv/recipe

mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9

if [ "$(cat "$stamp" 2>/dev/null)" != "${packages[*]}" ]; then
	echo "scripts/oracle-venv.sh: installing the original Kestrel $release in $venv" >&2
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >&2
	check=$(mktemp -d)
	trap 'rm -rf "$check"' EXIT
	echo 'p = NEW process ["cmd.exe"] DISP p ATTR name' >"$check/check.hf"
	shown=$("$venv/bin/kestrel" "$check/check.hf")
	[[ $shown == *cmd.exe* ]] || { echo "scripts/oracle-venv.sh: the original printed: $shown" >&2; exit 1; }
	echo "${packages[*]}" >"$stamp"
fi
echo "$venv"
