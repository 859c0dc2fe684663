#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
#   boot.sh DEVICE
#
# Tests of vmxrun on a device, in TAP. For the lab's host (busybox), beside vmxrun,
# vmlinux, bzImage, guest.cpio and shell.cpio (tests/guest/mkinitrd), the programs of
# Documentation/tutorial-vmm.rst: tiny and trace, and hold_time.
dev=$1
n=0 failed=0
cmdline='console=ttyS0 quiet'

# verdict NAME STATUS WANTED-STATUS TEXT...: ./out must have each TEXT
verdict() {
	name=$1 status=$2 want=$3 ok='ok'
	shift 3
	[ "$status" = "$want" ] || ok='not ok'
	for text; do
		grep -qF -- "$text" out || { ok='not ok'; echo "# missing: $text"; }
	done
	n=$((n + 1))
	echo "$ok $n - $name"
	[ "$ok" = ok ] && return
	failed=1
	echo "# status $status, wanted $want"
	tail -n 60 out | sed 's/^/# /'
}

# wait_for TEXT: wait until ./out has it
wait_for() {
	for _ in $(seq 300); do
		grep -qF -- "$1" out && return
		sleep 0.1
	done
}

# typed LINES: type them once the guest's init runs
typed() {
	wait_for 'guest: tick 2'
	printf "$1"
	wait_for 'vmxrun: the guest'
}

# Without --no-reboot a guest that always resets would not end.
reboot=--no-reboot
limit=60
run() {
	: > out
	timeout "$limit" ./vmxrun $reboot --device "$dev" "$@" > out 2>&1
}

linux() {
	kernel=$1
	shift
	run --kernel "$kernel" --initrd guest.cpio --append "$cmdline" "$@"
}

flat() { # OCTAL-BYTES OPTION...
	printf "$1" > flat.bin
	shift
	run --kernel flat.bin "$@"
}

# held WORD: a debugger stops a guest of two CPUs for a minute, while its time WORDs. Sets
# $counted to the seconds that the guest counts, and $status.
held() {
	: > out
	: > held.out
	limit=180
	{
		wait_for '/ #'
		# A CPU that is idle, or was a second ago, is not stuck.
		printf 'mount -t devtmpfs dev /dev; while :; do :; done &\n'
		printf 'sleep 3; read up rest </proc/uptime; echo up$((1)): $up\n'
		wait_for 'up1:'
		./hold_time "$(pidof vmxrun)" 60 "$1" > held.out 2>&1 || echo failed >> held.out
		printf 'read up rest </proc/uptime; echo up$((2)): $up\n'
		wait_for 'up2:'
		# The guest's watchdogs look twice a second.
		printf 'sleep 2; cat /sys/devices/system/clocksource/*/current_clocksource\n'
		printf 'poweroff -f\n'
		wait_for 'powered off'
	} | run --kernel vmlinux --initrd shell.cpio --cpus 2 \
		--append 'console=ttyS0 watchdog_thresh=1'
	status=$?
	limit=60
	cat held.out >> out
	! grep -qF failed held.out || status="$status, hold_time failed"
	up1=$(sed -n 's/^up1: \([0-9]*\).*/\1/p' out)
	up2=$(sed -n 's/^up2: \([0-9]*\).*/\1/p' out)
	counted=$((${up2:-0} - ${up1:-0}))
}

echo 'TAP version 13'

: > out
typed 'hello\noff\n' | linux vmlinux
verdict 'Linux by PVH: console both ways, ticks, power-off' $? 0 \
	'guest: init started' 'guest: you said: hello' 'guest: tick 2' \
	'guest: bye' 'powered off'

: > out
typed 'cpus\noff\n' | linux vmlinux --entry 64 --cpus 2
verdict 'Linux by the 64-bit protocol, two CPUs' $? 0 'guest: 2 CPUs' \
	'guest: on CPU 0' 'guest: on CPU 1' 'guest: bye' 'powered off'

: > out
typed 'cpus\nwork\noff\n' | linux bzImage --cpus 4
verdict 'a bzImage, four CPUs that interrupt each other' $? 0 'guest: 4 CPUs' \
	'guest: on CPU 3' '800 unmapped by 4' 'guest: bye' 'powered off'

: > out
{
	wait_for '/ #'
	printf 'for i in 0 1; do echo $i >/sys/devices/system/cpu/cpu1/online; done\n'
	printf 'echo online: $(cat /sys/devices/system/cpu/online).\n'
	wait_for 'online: 0'
	printf 'echo 8 >/proc/sys/kernel/printk; echo l >/proc/sysrq-trigger\n'
	wait_for 'NMI from CPU'
	printf 'poweroff -f\n'
	wait_for 'powered off'
} | run --kernel vmlinux --initrd shell.cpio --append "$cmdline" --cpus 2
verdict 'a shell; a CPU goes and comes back; NMI to the others' $? 0 \
	'online: 0-1.' 'NMI backtrace for cpu 0' 'NMI backtrace for cpu 1' 'powered off'

# Boot with the arguments behind the first, reset, and type the first after the second start.
# Set status.
restarted()
{
	_lines=$1
	shift
	: > out
	reboot=
	{
		typed 'reboot\n'
		for _ in $(seq 300); do
			[ "$(grep -c 'guest: tick 2' out)" -lt 2 ] || break
			sleep 0.1
		done
		# shellcheck disable=SC2059
		printf "$_lines"
		wait_for 'powered off'
	} | linux vmlinux "$@"
	status=$?
	reboot=--no-reboot
	[ "$(grep -c 'guest: init started' out)" = 2 ] || status="$status without a second start"
}

for irqchip in split full; do
	: > out
	typed 'cpus\nwork\noff\n' | linux vmlinux --cpus 2 --irqchip $irqchip
	verdict "two CPUs with --irqchip $irqchip" $? 0 'guest: 2 CPUs' 'guest: on CPU 1' \
		'400 unmapped by 2' 'guest: bye' 'powered off'

	restarted 'hello\noff\n' --irqchip $irqchip --append "$cmdline noapic"
	verdict "a reset with --irqchip $irqchip, and interrupts of the PICs" "$status" 0 \
		'asked for a reset' 'guest: you said: hello' 'powered off'
done

restarted 'cpus\noff\n' --cpus 2
verdict 'a reset starts the guest again, with two CPUs' "$status" 0 'asked for a reset' \
	'guest: 2 CPUs' 'guest: on CPU 1' 'powered off'

: > out
cmdline="$cmdline noapic"
typed 'off\n' | linux vmlinux --hide-hypervisor --mem 64M
verdict "with the hypervisor hidden, in 64M, with interrupts of the PICs" $? 0 'guest: bye'

cmdline='console=ttyS0 earlyprintk=serial panic=1 rdinit=/nothing'
linux vmlinux < /dev/null
verdict 'a kernel panic resets, which can end it' $? 0 'Kernel panic' 'asked for a reset'
cmdline='console=ttyS0 quiet'

# The kinds of console do not depend on the device, so test them once.
if [ "$dev" = /dev/vmxdbg ]; then
	: > out
	{ wait_for 'guest: tick 1'; printf '\001x'; sleep 5; } | linux vmlinux
	verdict 'Ctrl-A x quits' $? 0 'guest: tick 1'

	: > serial
	(
		for _ in $(seq 300); do
			grep -qF 'guest: tick 2' serial && break
			sleep 0.1
		done
		kill "$(pidof vmxrun)"
	) &
	linux vmlinux --console file:serial
	status=$?
	cat serial >> out
	verdict 'console in a file, ended by SIGTERM' $status 143 'guest: tick 2' 'signal 15'

	: > out
	(
		wait_for 'console on'
		pty=$(sed -n 's/.*console on //p' out)
		cat "$pty" > from-pty &
		for _ in $(seq 300); do
			grep -qF 'guest: tick 1' from-pty && break
			sleep 0.1
		done
		printf 'off\r' > "$pty"
		sleep 2
		kill $!
	) &
	cmdline="$cmdline noapictimer"
	linux vmlinux --console pty < /dev/null
	status=$?
	cmdline='console=ttyS0 quiet'
	wait
	cat from-pty >> out
	verdict 'console on a pseudo-terminal, the PIT through the I/O APIC' $status 0 \
		'console on /dev/pts/' 'guest: bye' 'powered off'
fi

# mov dx, 0x3f8; mov al, 'A'; out dx, al; mov al, 42; mov dx, 0xf4; out dx, al; hlt
flat '\272\370\003\260\101\356\260\052\272\364\000\356\364' --load 0x7c00 --debug-exit 0xf4
verdict 'a boot sector in real mode, and the debug exit port' $? 42 A

# mov al, 43; mov dx, 0xf4; out dx, al; hlt
flat '\260\053\146\272\364\000\356\364' --load 0x200000 --entry 32 --debug-exit 0xf4
verdict 'a flat image in protected mode' $? 43

# mov dx, 0x1234; in ax, dx; inc ax; mov dx, 0xf4; out dx, al; hlt
flat '\272\064\022\355\100\272\364\000\356\364' --load 0x7c00 --debug-exit 0xf4
verdict 'a port without a device reads all ones' $? 0

flat '\364' --load 0x7c00
verdict 'a halt with interrupts off ends the guest' $? 0 'halted for good'

# lidt [0x500] (zeros); int3
flat '\017\001\036\000\005\314' --load 0x7c00
verdict 'a triple fault prints the registers and ends with status 1' $? 1 'triple fault' 'rip ' 'cr0 '

: > out
reboot=
{ sleep 5; kill "$(pidof vmxrun)"; } &
flat '\017\001\036\000\005\314' --load 0x7c00
status=$?
reboot=--no-reboot
[ "$(grep -c 'triple fault' out)" -gt 2 ] || status="$status without a third"
verdict 'a triple fault resets the guest, again and again' "$status" 143 'signal 15'

run --kernel vmlinux --mem 4M
verdict 'a kernel larger than memory is refused' $? 1 'outside guest memory'

./tiny "$dev" > out 2>&1
verdict "the tutorial's VMM" $? 0 '!'

if [ "$dev" = /dev/kvm ]; then
	run --kernel vmlinux --paused
	verdict 'KVM cannot wait for a debugger' $? 1 '--paused'
fi
if [ "$dev" = /dev/vmxdbg ]; then
	: > out
	: > trace.out
	(
		wait_for 'guest: tick 1'
		./trace "$(pidof vmxrun)" > trace.out 2>&1
		echo "trace ended with $?" >> trace.out
		printf 'off\n'
		wait_for 'powered off'
	) | linux vmlinux
	status=$?
	cat trace.out >> out
	verdict "the tutorial's tracer steps a guest that then runs on" $status 0 \
		'trace ended with 0' 'guest: bye' 'powered off'

	held stop
	[ "$counted" -lt 30 ] || status="$status, $counted s of the stop were counted"
	! grep -iE 'lockup|stall|unstable|hung' out || status="$status, a watchdog has noticed"
	verdict "a debugger's stop of a minute is no time for the guest" "$status" 0 \
		up1: up2: tsc 'powered off'
	held run
	[ "$counted" -ge 60 ] || status="$status, but $counted s"
	grep -qiE 'lockup|stall' out || status="$status, no watchdog has noticed"
	verdict 'unless the debugger lets the time run' "$status" 0 up1: up2: 'powered off'

	: > out
	{ sleep 5; kill "$(pidof vmxrun)"; } &
	linux vmlinux --paused < /dev/null
	status=$?
	grep -qF guest: out && status='0 though the guest ran'
	verdict 'with --paused the guest prints nothing, and a signal ends it' "$status" 143 \
		'signal 15'
fi
echo "1..$n"
exit $failed
