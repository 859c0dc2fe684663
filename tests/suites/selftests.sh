# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
# Packages: python3
# For the suites of the kernel's own selftests of KVM, after common.sh.
#
#	selftests_of KERNEL PAGE	run those of a kernel's source, as they are, on KVM and on
#					vmxdbg in one boot of a host with this kernel: are the
#					results those of the page?
# shellcheck disable=SC2154 # common.sh sets top, lab and tmp
page=$top/tests/selftests/page.py

selftests_of() {
	"$top/tests/module" "$1" >&2
	programs=$("$lab" path kvm-selftests "$1")
	results=$top/Documentation/$2
	check "the page has each program" "$page" "$results" programs "$programs"
	subtest "the selftests of KVM of the kernel $1" run_selftests "$1"
}

run_selftests() { # KERNEL
	status=0
	# shellcheck disable=SC2046 # a list of programs
	"$lab" run --kernel "$1" --cpus 2 --timeout 900 -- "$BUILD/$1/kmod/vmxdbg.ko" \
		"$top/tests/suites/in-host/load-vmxdbg" "$programs:selftests" \
		"$top/tests/suites/in-host/kvm-selftests" -- ./kvm-selftests selftests 30 \
		$("$page" "$results" programs "$programs") >"$tmp/results" 2>&1 || status=$?
	grep '^#\|^lab:' "$tmp/results" || :
	"$page" "$results" compare "$tmp/results" && return "$status"
}
