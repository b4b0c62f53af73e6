#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Runs the tests that stand behind the build tag "integration". They use real
# parts, and a part that cannot start is a failure, not a reason to skip.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(grep -rlE --include='*_test.go' '^//go:build .*integration' . | xargs -r -n1 dirname | sort -u || true)
if [ -z "$packages" ]; then
	echo "scripts/integration.sh: no package has tests with the tag integration"
	exit 0
fi
scripts/packages.sh
KESTREL_ORACLE_VENV=$(scripts/oracle-venv.sh)
KESTREL_STIXSHIFTER_VENV=$(scripts/stixshifter-venv.sh)
export KESTREL_ORACLE_VENV KESTREL_STIXSHIFTER_VENV

# Servers that several packages ask are started once.
servers=$(mktemp -d)
chmod 755 "$servers"
trap 'scripts/opensearch.sh stop "$servers/opensearch"; scripts/opensearch.sh stop "$servers/elasticsearch"; rm -rf "$servers"' EXIT
KESTREL_OPENSEARCH=$(scripts/opensearch.sh start "$servers/opensearch")
KESTREL_ELASTICSEARCH=$(scripts/opensearch.sh start "$servers/elasticsearch" --elasticsearch)
export KESTREL_OPENSEARCH KESTREL_ELASTICSEARCH

echo "go test -tags integration" $packages
go test -p 1 -count=1 -timeout 40m -tags integration $packages
