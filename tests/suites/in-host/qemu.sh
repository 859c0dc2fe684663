# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Inside the lab's host: QEMU on kvm or on vmxdbg, which the first argument names, with
# its serial line and its monitor. The scripts for QEMU source this file. Where $loaded is
# set, the caller has loaded it, and has given it the name /dev/kvm.
#	check NAME COMMAND...	one test: COMMAND runs in a shell of its own, with -e
#	finish			the plan, and exit
#	begin ARGUMENT...	start QEMU, with its interrupt controllers as $irqchip says, and
#				more options of the accelerator in $accel
#	typed LINE...		type on the guest's serial line
#	expect TEXT [TIMES]	wait until TEXT is on the serial line, TIMES times
#	guest COMMAND TEXT	type COMMAND, and expect TEXT
#	monitor COMMAND		a command for QEMU
#	answered TEXT		wait until TEXT is in QEMU's answer
#	press KEY...		on the guest's keyboard
#	on_screen TEXT		wait until TEXT is on the guest's VGA text screen
#	migrated FILE		migrate to a file, and end QEMU
#	runs			wait until QEMU has done its earlier commands, and the guest runs
#	ended			wait for QEMU's end, and return its status
# TEXT is a basic regular expression.
device=$1
number=0
failed=0
patience=${patience:-60}
irqchip=${irqchip:-off}
accel=

[ -n "${loaded:-}" ] || case $device in
kvm) modprobe kvm-intel enable_apicv=0 ;;
vmxdbg)
	./load-vmxdbg || exit
	if [ -e /dev/kvm ]; then
		# The module keeps VMX on by the true one, which only QEMU must not see.
		# shellcheck disable=SC2016
		loaded=vmxdbg exec unshare -m sh -c \
			'mount --bind /dev/vmxdbg /dev/kvm && exec "$0" "$@"' "$0" "$@"
	fi
	ln -s vmxdbg /dev/kvm
	;;
*) echo "$device is neither kvm nor vmxdbg" && false ;;
esac || exit 1

# Print the traces that a failed test left.
remains() {
	for file in stderr answers console text; do
		[ ! -s q/$file ] || { echo "-- $file:"; grep -a -v '^(qemu)' q/$file | tail -n 25; }
	done
	dmesg | grep vmxdbg: | tail -n 8
	[ -z "$qemu" ] || kill -9 $qemu 2>/dev/null
}

check() {
	name=$1
	number=$((number + 1))
	shift
	qemu=
	(
		trap 'status=$?; [ $status -eq 0 ] || remains; exit $status' EXIT
		set -e
		"$@"
	) >log 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		echo "ok $number - $device: $name"
		echo "# until second $(cut -d. -f1 /proc/uptime)"
	else
		tr -c '\n\t -~' '?' <log | sed 's/^/# /'
		echo "not ok $number - $device: $name"
		failed=1
	fi
}

finish() {
	echo "1..$number"
	exit $failed
}

begin() {
	mkdir -p q
	rm -f q/*
	mkfifo q/serial.in q/serial.out q/monitor.in q/monitor.out
	cat q/serial.out >q/console &
	cat q/monitor.out >q/answers &
	exec 3<>q/serial.in 4<>q/monitor.in
	qemu-system-x86_64 -accel "kvm,kernel-irqchip=$irqchip$accel" \
		-nodefaults -display none -m 64 \
		-chardev pipe,id=serial,path=q/serial -serial chardev:serial \
		-chardev pipe,id=monitor,path=q/monitor -mon monitor "$@" 2>q/stderr &
	qemu=$!
}

alive() {
	kill -0 $qemu 2>/dev/null || { echo "QEMU has ended"; return 1; }
}

# appears TEXT FILE TIMES: wait until TEXT is in FILE, TIMES times
appears() {
	for _ in $(seq $((patience * 5))); do
		[ "$(grep -a -c -e "$1" "$2")" -lt "$3" ] || return 0
		alive || break
		usleep 200000
	done
	echo "not seen $3 times in $2: $1"
	return 1
}

typed() { printf '%s\r' "$*" >&3; }
expect() { appears "$1" q/console "${2:-1}"; }
guest() { typed "$1"; expect "$2"; }
monitor() { printf '%s\n' "$*" >&4; }
answered() { appears "$1" q/answers 1; }
press() { for key; do monitor sendkey "$key"; usleep 100000; done; }

migrated() {
	monitor "migrate \"exec:cat >$1\""
	for _ in $(seq $patience); do
		monitor info migrate
		usleep 200000
		! grep -q 'Migration status: completed' q/answers || break
	done
	answered 'Migration status: completed'
	monitor quit
	ended
}

runs() {
	for _ in $(seq $patience); do
		monitor info status
		usleep 200000
		! grep -q 'VM status: running' q/answers || return 0
	done
	return 1
}

# 80 columns of character and attribute, as lines of text in q/text.
read_screen() {
	rm -f q/screen
	monitor 'pmemsave 0xb8000 4000 "q/screen"'
	for _ in $(seq 100); do
		[ "$(stat -c %s q/screen 2>/dev/null || echo 0)" -lt 4000 ] || break
		usleep 50000
	done
	tr '\0\200-\377' ' ' <q/screen | sed 's/\(.\)./\1/g' | fold -w 80 | sed 's/ *$//' >q/text
}

on_screen() {
	for _ in $(seq $patience); do
		read_screen
		! grep -q -e "$1" q/text || return 0
		alive || break
		sleep 1
	done
	echo "not on the screen: $1"
	return 1
}

ended() {
	for _ in $(seq $patience); do
		alive >/dev/null || { wait $qemu; return; }
		sleep 1
	done
	echo "QEMU does not end"
	return 1
}
