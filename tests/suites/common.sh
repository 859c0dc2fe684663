# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Packages: gcc libc6-dev make python3
#
# Functions of the suites in shell, which source this file. It installs the packages
# that it and the suite declare (tests/lab/need):
#	subtest NAME COMMAND...		the TAP of COMMAND, as a subtest
#	check NAME COMMAND...		one test: does COMMAND succeed?
#	skip NAME REASON
#	finish				the plan, and exit
#	packages_of FILE...		install the packages that these files declare
#	$built				where tests/module builds for the lab's hosts
#	$module				the FILEs with which a host runs ./load-vmxdbg
#	abi_programs			all ABI tests without a suite of their own, by name
#	abi_subtest NAME PROGRAMS COMMAND...
#					the same as subtest, of ABI tests. COMMAND puts
#					$abi_files into the host.
#	warned_of KERNEL WARNING	does tests/module refuse the C of standard input, because
#					of this WARNING (an extended regular expression)?
# TEST=PROGRAM[:NAME] leaves abi_subtest alone, and of it this program or test.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$top/.build}
# shellcheck disable=SC2034 # for those that source this
lab=$top/tests/lab/lab
built=$BUILD/${LAB_KERNEL:-lab}
# shellcheck disable=SC2034 # for those that source this
module="$built/kmod/vmxdbg.ko $top/tests/suites/in-host/load-vmxdbg"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
number=0
failed=0
TEST=${TEST:-}

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
	[ -n "$TEST" ] || run_subtest "$@"
}

run_subtest() { # NAME COMMAND...
	name=$1
	shift
	echo "    # Subtest: $name"
	echo 0 >"$tmp/status"
	{ "$@" 2>&1 || echo $? >"$tmp/status"; } | sed -u 's/^/    /'
	result "$(cat "$tmp/status")" "$name"
}

check() {
	[ -z "$TEST" ] || return 0
	name=$1
	shift
	status=0
	"$@" >"$tmp/output" 2>&1 || status=$?
	[ "$status" -eq 0 ] || sed 's/^/# /' "$tmp/output"
	result "$status" "$name"
}

skip() {
	[ -z "$TEST" ] || return 0
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

packages_of() {
	"$top/tests/lab/need" -f "$@" >&2 && return
	result 1 "the packages that it needs can be installed"
	finish
}

abi_programs() {
	find "$top/tests/abi/run" "$top/tests/abi/dbg" \( -name 'run_*.c' -o -name 'dbg_*.c' \) \
		-exec grep -L '^ \* Suite: ' {} + | sed 's|.*/||; s|\.c$||' | sort
}

abi_subtest() {
	name=$1 programs=$2
	shift 2
	targets=
	for program in $programs; do
		[ "${TEST%%:*}" = "" ] || [ "${TEST%%:*}" = "$program" ] || continue
		targets="$targets $BUILD/abi/$program"
	done
	[ -n "$targets" ] || return 0
	# shellcheck disable=SC2086 # a list of programs
	"$top/tests/build" -C "$top/tests/abi" O="$BUILD/abi" $targets >&2
	abi_files="$top/tests/suites/in-host/abi-program $top/tests/suites/in-host/abi-all
		$top/tests/suites/in-host/load-vmxdbg $targets"
	case $TEST in
	*:*)
		printf '%s\n' "${TEST#*:}" >"$tmp/only"
		abi_files="$abi_files $tmp/only"
		;;
	esac
	run_subtest "$name" "$@"
}

warned_of() { # KERNEL WARNING <SOURCE
	mkdir -p "$tmp/warned/kmod" "$tmp/warned/uapi" "$tmp/warned/tests/kunit" \
		"$tmp/warned/tests/hoststate"
	ln -s "$top/tests/lab" "$tmp/warned/tests/lab"
	cp "$top/tests/module" "$tmp/warned/tests"
	cat >"$tmp/warned/kmod/one.c"
	echo 'obj-m := kmod/one.o' >"$tmp/warned/Kbuild"
	# The second time, an object of the first must not do.
	for attempt in first second; do
		if BUILD=$tmp/warned/.build "$tmp/warned/tests/module" "$1" >"$tmp/said" 2>&1 ||
			! grep -qE "warning: $2" "$tmp/said" ||
			! grep -q 'there must be no warning' "$tmp/said"; then
			echo "the $attempt build:"
			cat "$tmp/said"
			return 1
		fi
	done
}

finish() {
	if [ -n "$TEST" ] && [ "$number" -eq 0 ]; then
		echo "Bail out! $(basename "$0") does not run ${TEST%%:*}"
		exit 1
	fi
	echo "1..$number"
	exit "$failed"
}

packages_of "$top/tests/suites/common.sh" "$0"
