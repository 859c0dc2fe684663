// SPDX-License-Identifier: GPL-2.0-only
/* Keep VMX on, as any VMM on KVM does, until killed. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

int main(void)
{
	if (ioctl(open("/dev/kvm", O_RDWR), KVM_CREATE_VM, 0) < 0) {
		perror("KVM_CREATE_VM");
		return 1;
	}
	pause();
	return 0;
}
