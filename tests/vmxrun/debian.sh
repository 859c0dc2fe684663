#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For the lab's host: run Debian's kernel as a guest, and type into its console.
#	debian.sh CPUS
cpus=$1

# The kernel's self-tests of cryptography would take most of the time.
append='console=ttyS0 quiet cryptomgr.notests'

wait_for() { # TEXT
	for _ in $(seq 1500); do
		! grep -qF -- "$1" out || return 0
		pidof vmxrun >/dev/null || return 1
		sleep 0.1
	done
}

# Quote the words, so that the echo of the input does not match.
typed() {
	sleep 1
	wait_for '/ #' || return
	printf 'echo has $(grep -c ^processor /proc/cpuinfo) CPUs, $(uname -m)\n'
	wait_for ', x86_64' || return
	printf 'poweroff -f\n'
	wait_for 'vmxrun:'
}

insmod ./vmxdbg.ko || exit 1
: >out
typed | ./vmxrun --cpus "$cpus" --mem 256M --no-reboot --kernel vmlinuz \
	--initrd shell.cpio --append "$append" >out 2>&1
status=$?
for text in "has $cpus CPUs, x86_64" 'vmxrun: the guest powered off'; do
	grep -qF "$text" out || { echo "not there: $text"; status=1; }
done
[ $status -eq 0 ] || tail -n 60 out
rmmod vmxdbg
exit $status
