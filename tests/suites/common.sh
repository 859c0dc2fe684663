# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the suites in shell share. Sourced with the suite in $0:
#	subtest NAME COMMAND...		the TAP of COMMAND, as a subtest
#	check NAME COMMAND...		one test: does COMMAND succeed?
#	skip NAME REASON
#	finish				the plan, and exit
#	need PACKAGE...			install what is missing of these
#	abi_programs			build the ABI tests; their paths
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$top/.build}
lab=$top/tests/lab/lab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
number=0
failed=0

echo 'TAP version 13'

result() { # STATUS NAME
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

subtest() {
	name=$1
	shift
	echo "    # Subtest: $name"
	echo 0 >"$tmp/status"
	{ "$@" 2>&1 || echo $? >"$tmp/status"; } | sed -u 's/^/    /'
	result "$(cat "$tmp/status")" "$name"
}

check() {
	name=$1
	shift
	status=0
	"$@" >"$tmp/output" 2>&1 || status=$?
	[ "$status" -eq 0 ] || sed 's/^/# /' "$tmp/output"
	result "$status" "$name"
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

need() {
	dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null | sort -u >"$tmp/packages" || :
	[ "$(cat "$tmp/packages")" = installed ] || "$lab" need "$@" >&2
}

# Those that want a host of their own making have a suite of their own.
abi_programs() {
	make -s -C "$top/tests/abi" O="$BUILD/abi" >&2
	find "$BUILD/abi" -maxdepth 1 -type f -perm -u+x \( -name 'run_*' -o -name 'dbg_*' \) \
		! -name run_host ! -name run_cpus ! -name '*_gigantic' ! -name run_cgroup | sort
}

finish() {
	echo "1..$number"
	exit "$failed"
}
