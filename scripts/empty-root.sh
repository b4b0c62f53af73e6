#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

# Unpacks a release archive into an empty directory, makes that directory the
# root of the file system, and runs hello world there:
#
#	scripts/empty-root.sh dist/kestrel-VERSION-linux-ARCH.tar.gz
#
# Nothing else is there: no C library, no /proc, no /tmp, no certificates.
set -euo pipefail

archive=${1:?usage: scripts/empty-root.sh ARCHIVE}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
tar -C "$root" --strip-components=1 -xzf "$archive"

if file=$(ldd "$root/kestrel" 2>&1); then
	echo "scripts/empty-root.sh: the binary wants shared libraries:" >&2
	echo "$file" >&2
	exit 1
fi

enter=(chroot)
if [ "$(id -u)" != 0 ]; then
	enter=(unshare -r chroot)
fi
if ! "${enter[@]}" "$root" /kestrel --version; then
	echo "scripts/empty-root.sh: ${enter[*]} could not run the program in an empty root." >&2
	echo "If this user may not change its root (no unprivileged user namespaces), run this as root." >&2
	exit 1
fi
shown=$("${enter[@]}" "$root" /kestrel /examples/helloworld.hf)
echo "$shown"
for want in firefox.exe chrome.exe '[SUMMARY] block executed in'; do
	if [[ $shown != *"$want"* ]]; then
		echo "scripts/empty-root.sh: hello world does not show $want" >&2
		exit 1
	fi
done
left=$(find "$root" -newer "$root/kestrel" -type f | head)
if [ -n "$left" ]; then
	echo "scripts/empty-root.sh: the run left files behind: $left" >&2
	exit 1
fi
echo "scripts/empty-root.sh: $(basename "$archive") runs in an empty root"
