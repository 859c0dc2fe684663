#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a lab's host with two CPUs: a guest with two vCPUs that interrupt each other,
# and a reset of the guest.
wait_for() { # TEXT COUNT
	for _ in $(seq 600); do
		[ "$(grep -cF -- "$1" out)" -lt "$2" ] || return 0
		sleep 0.1
	done
}

./load-vmxdbg || exit 1
: >out
for round in 1 2; do
	wait_for 'guest: tick 1' $round
	printf 'work\n'
	wait_for '400 unmapped by 2' $round
	[ $round = 1 ] && printf 'reboot\n' || printf 'off\n'
done | timeout 100 ./vmxrun --cpus 2 --kernel vmlinux --initrd guest.cpio \
	--append 'console=ttyS0 quiet' >out 2>&1
status=$?
cat out
[ $status -eq 0 ] || exit $status
grep -q 'powered off' out && [ "$(grep -c '400 unmapped by 2' out)" -eq 2 ] || exit 1
rmmod vmxdbg
