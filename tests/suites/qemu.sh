# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages: qemu-system-x86 qemu-utils seabios
#
# Functions of the suites with Debian's QEMU, which source it after common.sh.
#	in_host COMMAND FILE...	run COMMAND in the lab's host, with the FILEs, QEMU and its data
# QEMU_DEVICE=kvm is the oracle: the same on KVM.
# shellcheck disable=SC2034,SC2154
QEMU_DEVICE=${QEMU_DEVICE:-vmxdbg}

packages_of "$top/tests/suites/qemu.sh"
[ "$QEMU_DEVICE" = kvm ] || "$top/tests/module" lab >&2

in_place() { for file; do echo "$file:$file"; done; }

in_host() {
	command=$1
	shift
	[ "$QEMU_DEVICE" = kvm ] || set -- "$BUILD/lab/kmod/vmxdbg.ko" "$@"
	data=/usr/share/qemu
	# Debian 12 has qboot by this name. Later, QEMU takes the one of seabios.
	microvm=$(find $data -name bios-microvm.bin)
	# shellcheck disable=SC2046
	"$lab" "${lab_command:-run}" --with-libs --timeout 1200 -- "$@" \
		"$top/tests/suites/in-host/qemu.sh" $(in_place /usr/bin/qemu-system-x86_64 \
		/usr/share/seabios $data/kvmvapic.bin $data/linuxboot.bin \
		$data/linuxboot_dma.bin $data/pvh.bin $microvm) \
		-- "$command"
}
