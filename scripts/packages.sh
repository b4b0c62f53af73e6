#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Makes sure that the commands are there which start real parts for integration
# tests. What is missing is installed from the packages of the system, if it is
# one of Debian's kind and we may; else the missing commands are named. A
# machine that has them all is left as it is.
set -euo pipefail

declare -A package=(
	[java]=default-jre-headless # runs the servers
	[mvn]=maven                 # fetches them
	[unzip]=unzip
	[openssl]=openssl
)
[ "$(id -u)" != 0 ] || package[setpriv]=util-linux # the servers do not run as root

missing=() wanted=()
for command in "${!package[@]}"; do
	if ! command -v "$command" >/dev/null; then
		missing+=("$command")
		wanted+=("${package[$command]}")
	fi
done
[ ${#missing[@]} != 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "scripts/packages.sh: install what has these commands: ${missing[*]}" >&2
	exit 1
fi
echo "scripts/packages.sh: installing ${wanted[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >&2
apt-get -q -y --no-install-recommends install "${wanted[@]}" >&2
