# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Functions of the suites with Debian's QEMU, which source it after common.sh.
#	in_host COMMAND FILE...	run COMMAND in the lab's host, with the FILEs, QEMU and its data
#	$qemu_img		what to add to the FILEs for qemu-img
#	lab_options=...		more options of "lab run"
# QEMU_DEVICE=kvm is the oracle: the same on KVM.
# shellcheck disable=SC2034,SC2154
QEMU_DEVICE=${QEMU_DEVICE:-vmxdbg}

# use_qemu RELEASE: QEMU of this Debian
use_qemu() {
	qemu_root=$("$lab" tree "$1" qemu-system-x86 qemu-utils seabios)
	qemu_img=$qemu_root/usr/bin/qemu-img:/usr/bin/qemu-img
}

# Debian 12's on each machine: later ones have no interrupt controllers of their own.
use_qemu bookworm
[ "$QEMU_DEVICE" = kvm ] || "$top/tests/module" lab >&2

# Releases have some of the files at other places.
in_place() {
	for file; do
		[ ! -e "$qemu_root/$file" ] || echo "$qemu_root/$file:/$file"
	done
}

in_host() {
	command=$1
	shift
	[ "$QEMU_DEVICE" = kvm ] || set -- $module "$@"
	data=usr/share/qemu
	# shellcheck disable=SC2046,SC2086
	"$lab" "${lab_command:-run}" ${lab_options:-} --with-libs --timeout 1200 -- "$@" \
		"$top/tests/suites/in-host/qemu.sh" $(in_place usr/bin/qemu-system-x86_64 \
		usr/share/seabios $data/kvmvapic.bin $data/linuxboot.bin \
		$data/linuxboot_dma.bin $data/multiboot_dma.bin $data/pvh.bin \
		$data/bios-microvm.bin) \
		-- "$command"
}
