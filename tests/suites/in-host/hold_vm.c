// SPDX-License-Identifier: GPL-2.0-only
/* Keep VMX on, as any VMM does, until killed: hold_vm DEVICE. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: hold_vm DEVICE\n", stderr);
		return 2;
	}
	if (ioctl(open(argv[1], O_RDWR), KVM_CREATE_VM, 0) < 0) {
		perror("KVM_CREATE_VM");
		return 1;
	}
	pause();
	return 0;
}
