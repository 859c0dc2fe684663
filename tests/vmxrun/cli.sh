#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   tests/vmxrun/cli.sh VMXRUN
#
# Tests of the command line, in TAP: wrong usage gives one sentence on stderr and
# status 2. No device is needed.
set -u
vmxrun=$1
n=0 failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

result() { # ok|'not ok' NAME
	echo "$1 $((++n)) - $2"
	[ "$1" = ok ] || failed=1
}

# refused NAME TEXT ARGUMENT...: status 2 and one line with TEXT
refused() {
	local name=$1 text=$2 status
	shift 2
	"$vmxrun" "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null
	status=$?
	if [ $status -eq 2 ] && [ ! -s "$tmp/out" ] &&
	   [ "$(wc -l < "$tmp/err")" -eq 1 ] && grep -qF -- "$text" "$tmp/err"; then
		result ok "$name"
	else
		sed 's/^/# /' "$tmp/err"
		result 'not ok' "$name (status $status)"
	fi
}

# ends NAME STATUS TEXT ARGUMENT...: this exit status, and TEXT in the output
ends() {
	local name=$1 want=$2 text=$3 status
	shift 3
	"$vmxrun" "$@" > "$tmp/out" 2>&1 < /dev/null
	status=$?
	if [ $status -eq "$want" ] && grep -qF -- "$text" "$tmp/out"; then
		result ok "$name"
	else
		sed 's/^/# /' "$tmp/out"
		result 'not ok' "$name (status $status)"
	fi
}

echo 'TAP version 13'
refused 'no kernel'			'--kernel'
refused 'unknown option'		'--frobnicate' --frobnicate
refused 'option without argument'	'--mem' --kernel x --mem
refused 'stray word'			'stray' --kernel x stray
refused 'memory size with a bad unit'	'--mem' --kernel x --mem 12X
refused 'memory size below zero'	'--mem' --kernel x --mem -1
refused 'too little memory'		'--mem' --kernel x --mem 1M
refused 'memory size that overflows'	'--mem' --kernel x --mem 17179869184G
refused 'memory size of half a page'	'--mem' --kernel x --mem 2098000
refused 'no CPU'			'--cpus' --kernel x --cpus 0
refused 'seventeen CPUs'		'from 1 to 16' --kernel x --cpus 17
refused 'bad console'			'--console' --kernel x --console tty9
refused 'console file without a name'	'--console' --kernel x --console file:
refused 'bad entry'			'--entry' --kernel x --entry 48
refused 'real mode without --load'	'--load' --kernel x --entry 16
refused 'PVH with --load'		'--entry' --kernel x --load 0 --entry pvh
refused 'initrd with --load'		'--initrd' --kernel x --load 0 --initrd y
refused 'address above 4 GiB'		'--load' --kernel x --load 0x100000000
refused 'bad interrupt controllers'	'off, split or full' --kernel x --irqchip on
refused 'bad debug exit port'		'--debug-exit' --kernel x --debug-exit 65536
ends 'help'	0	'Usage: vmxrun' --help
ends 'version'	0	'vmxrun ' --version
ends 'no such device'	1	'/nonexistent' --kernel x --device /nonexistent
ends 'not a KVM device'	1	'KVM interface' --kernel x --device /dev/null
echo "1..$n"
exit $failed
