#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# A real server for tests: OpenSearch, or Elasticsearch, on loopback.
#
#   scripts/opensearch.sh start DIR                   start OpenSearch, print its URL
#   scripts/opensearch.sh start DIR --secure          the same with users and TLS
#   scripts/opensearch.sh start DIR --elasticsearch   start Elasticsearch instead
#   scripts/opensearch.sh start DIR --next            the major version behind, of either
#   scripts/opensearch.sh stop DIR                    stop it, and remove DIR
#   scripts/opensearch.sh fetch                       fetch all archives, and start nothing
#
# The server comes from Maven Central, as the archive that its makers test
# plug-ins with: the server alone. It is fetched once, with mvn, and kept under
# the cache directory of the user. It needs Java 11 or later, 17 for
# Elasticsearch; scripts/packages.sh installs what is missing. --next needs 21,
# which scripts/java21.sh has. DIR must not exist; all that the server writes lies
# in it.
#
# --secure adds the security plug-in, with TLS and the users admin (all rights)
# and hunter (reads indices whose names begin with logs-), both with the password
# that KESTREL_TEST_PASSWORD holds; the authority of the certificates is
# DIR/ca.pem.
set -euo pipefail

opensearch=2.19.3
security=2.19.3.0
elasticsearch=8.15.0
opensearch_next=3.4.0
elasticsearch_next=9.0.0
scripts=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/kestrel/servers"

fail() {
	echo "scripts/opensearch.sh: $*" >&2
	exit 1
}

# archive GROUP ARTIFACT VERSION puts an archive into the cache, and prints where
# it lies.
archive() {
	local file="$cache/$2-$3.zip"
	if [ ! -f "$file" ]; then
		command -v mvn >/dev/null || fail "mvn is needed once, to fetch $2 $3 (Debian: maven)"
		mkdir -p "$cache"
		local part
		part=$(mktemp -d "$cache/fetch.XXXXXX")
		mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
			-Dartifact="$1:$2:$3:zip" -DoutputDirectory="$part" >&2 </dev/null ||
			fail "mvn could not fetch $1:$2:$3"
		mv "$part/$2-$3.zip" "$file"
		rmdir "$part"
	fi
	echo "$file"
}

# as_server runs a command as a user that is not root: the servers refuse that.
as_server() {
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	fi
	exec "$@"
}

# settings prints the configuration that both products have in common.
settings() {
	cat <<-END
		cluster.name: kestrel-test
		node.name: node
		discovery.type: single-node
		network.host: 127.0.0.1
		http.port: 0-0
		transport.port: 0-0
		path.data: $dir/data
		path.logs: $dir/logs
		cluster.routing.allocation.disk.threshold_enabled: false
	END
}

# certificates makes an authority, and certificates of the node and the admin.
certificates() {
	local name
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj "/CN=Kestrel test authority" 2>/dev/null
	for name in node admin; do
		openssl req -newkey rsa:2048 -nodes -keyout "$home/config/$name.key" -out "$dir/$name.csr" -subj "/O=Kestrel/CN=$name" 2>/dev/null
		openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 -out "$home/config/$name.pem" \
			-extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") 2>/dev/null
	done
	cp "$dir/ca.pem" "$home/config/"
}

# secure adds the security plug-in, with users of our own.
secure() {
	[ -n "${KESTREL_TEST_PASSWORD:-}" ] || fail "--secure needs KESTREL_TEST_PASSWORD"
	local plugin="$home/plugins/opensearch-security" config="$home/config/opensearch-security"
	mkdir -p "$plugin" "$config"
	unzip -q "$(archive org.opensearch.plugin opensearch-security "$security")" -d "$plugin"
	cp "$plugin"/config/*.yml "$config/"
	certificates
	cat >>"$home/config/opensearch.yml" <<-END
		plugins.security.ssl.transport.pemcert_filepath: node.pem
		plugins.security.ssl.transport.pemkey_filepath: node.key
		plugins.security.ssl.transport.pemtrustedcas_filepath: ca.pem
		plugins.security.ssl.transport.enforce_hostname_verification: false
		plugins.security.ssl.http.enabled: true
		plugins.security.ssl.http.pemcert_filepath: node.pem
		plugins.security.ssl.http.pemkey_filepath: node.key
		plugins.security.ssl.http.pemtrustedcas_filepath: ca.pem
		plugins.security.authcz.admin_dn: ["CN=admin,O=Kestrel"]
		plugins.security.audit.type: noop
		plugins.security.allow_default_init_securityindex: true
	END
	local hash
	hash=$(cd "$plugin/tools" && bash hash.sh -env KESTREL_TEST_PASSWORD 2>/dev/null | tail -n 1)
	cat >"$config/internal_users.yml" <<-END
		_meta: {type: internalusers, config_version: 2}
		admin: {hash: "$hash", reserved: true, backend_roles: [admin]}
		hunter: {hash: "$hash", reserved: false}
	END
	cat >"$config/roles.yml" <<-END
		_meta: {type: roles, config_version: 2}
		hunter:
		  cluster_permissions: [cluster_composite_ops_ro]
		  index_permissions:
		    - index_patterns: ["logs-*"]
		      allowed_actions: [read, "indices:admin/mappings/fields/get*", "indices:data/read/point_in_time/*", "indices:data/read/field_caps*"]
	END
	cat >"$config/roles_mapping.yml" <<-END
		_meta: {type: rolesmapping, config_version: 2}
		all_access: {backend_roles: [admin]}
		hunter: {users: [hunter]}
	END
}

# wait_ready waits until the server answers, and prints its URL.
wait_ready() {
	local log="$dir/logs/kestrel-test.log" url n
	for ((n = 0; n < 720; n++)); do
		if ! kill -0 "$(cat "$dir/pid")" 2>/dev/null; then
			tail -n 30 "$dir/output" >&2
			fail "the server ended while it started"
		fi
		url=$(grep -ohE 'publish_address.\{127\.0\.0\.1:[0-9]+\}' "$log" 2>/dev/null | tail -n 1 | grep -oE '127\.0\.0\.1:[0-9]+' || true)
		if grep -qE "$2" "$log" 2>/dev/null && [ -n "$url" ]; then
			echo "$1://$url"
			return
		fi
		sleep 0.5
	done
	tail -n 30 "$log" >&2
	fail "the server is not ready after six minutes"
}

# unpack GROUP ARTIFACT VERSION unpacks a server into DIR.
unpack() {
	home="$dir/$2-$3"
	unzip -q "$(archive "$1" "$2" "$3")" -d "$dir"
}

# java_home prints where the Java of the server is.
java_home() {
	if [ "$next" != yes ]; then
		dirname "$(dirname "$(readlink -f "$(command -v java)")")"
		return
	fi
	local found
	found=$("$scripts/java21.sh")
	cp -r "$found" "$dir/java" # where the user of the server can read it
	echo "$dir/java"
}

start() {
	dir=$1
	shift
	local program=opensearch secure='' next='' scheme=http ready='\[node\] started' option
	for option in "$@"; do
		case "$option" in
		--elasticsearch) program=elasticsearch ready='\] started' ;;
		--secure) secure=yes ;;
		--next) next=yes opensearch=$opensearch_next elasticsearch=$elasticsearch_next ;;
		*) fail "no option $option" ;;
		esac
	done
	[ "$secure" != yes ] || [ "$program$next" = opensearch ] || fail "--secure is of OpenSearch 2 alone"
	[ ! -e "$dir" ] || fail "$dir exists already"
	[ "$next" = yes ] || command -v java >/dev/null || fail "java is needed (Debian: openjdk-17-jre-headless)"
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	chmod 755 "$dir"
	if [ "$program" = elasticsearch ]; then
		unpack org.elasticsearch.distribution.integ-test-zip elasticsearch "$elasticsearch"
	else
		unpack org.opensearch.distribution.integ-test-zip opensearch "$opensearch"
	fi
	sed -i '/jdk.incubator.vector/d' "$home/config/jvm.options" # not every Java has it
	settings >"$home/config/$program.yml"
	[ "$program" = opensearch ] || echo "xpack.security.enabled: false" >>"$home/config/$program.yml"
	if [ "$secure" = yes ]; then
		scheme=https ready="Node 'node' initialized"
		secure
	fi
	mkdir -p "$dir/data" "$dir/logs" "$dir/tmp"
	local java
	java=$(java_home)
	[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$dir"
	(
		export HOME="$dir/tmp" TMPDIR="$dir/tmp"
		export OPENSEARCH_JAVA_HOME="$java" OPENSEARCH_JAVA_OPTS="-Xms512m -Xmx512m" OPENSEARCH_TMPDIR="$dir/tmp"
		export ES_JAVA_HOME="$java" ES_JAVA_OPTS="-Xms512m -Xmx512m" ES_TMPDIR="$dir/tmp"
		unset KESTREL_TEST_PASSWORD
		cd "$dir"
		as_server bash "$home/bin/$program" >"$dir/output" 2>&1 </dev/null &
		echo $! >"$dir/pid"
	)
	wait_ready "$scheme" "$ready"
}

# fetch puts all archives into the cache.
fetch() {
	archive org.opensearch.distribution.integ-test-zip opensearch "$opensearch"
	archive org.opensearch.plugin opensearch-security "$security"
	archive org.elasticsearch.distribution.integ-test-zip elasticsearch "$elasticsearch"
	archive org.opensearch.distribution.integ-test-zip opensearch "$opensearch_next"
	archive org.elasticsearch.distribution.integ-test-zip elasticsearch "$elasticsearch_next"
}

# stop ends the process of the server, and what it has started.
stop() {
	local pid n
	[ -f "$1/pid" ] || return 0
	pid=$(cat "$1/pid")
	kill "$pid" 2>/dev/null || true
	for ((n = 0; n < 60; n++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.5
	done
	if kill -0 "$pid" 2>/dev/null; then
		kill -9 "$pid"
	fi
	rm -rf "$1"
}

case "${1:-}" in
start | stop)
	[ $# -ge 2 ] || fail "$1 needs a directory"
	"$@"
	;;
fetch) fetch ;;
*) fail "usage: scripts/opensearch.sh start DIR [--secure] [--elasticsearch] [--next] | stop DIR | fetch" ;;
esac
