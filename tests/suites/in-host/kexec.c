// SPDX-License-Identifier: GPL-2.0-only
/*
 * A payload of a few bytes that takes the host over by kexec: "kexec now" at once, "kexec
 * panic" at the next panic. A Linux kernel would take minutes to load in an emulator.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kexec.h>
#include <linux/reboot.h>

#define SIZE	0x1000

extern const char payload[], payload_end[];

/*
 * 64-bit mode, interrupts off. The old kernel clears CR4.VMXE on the CPU that comes here. In
 * VMX operation that write faults (SDM vol. 3, 24.7 and 24.8), and the host dies before the
 * line is printed. The other CPUs are not checked. The console of a host of the lab is ttyS2;
 * the end is a reset by the chipset.
 */
asm(".pushsection .rodata\n"
	"payload:\n"
	"	lea	1f(%rip), %rsi\n"
	"2:	mov	$0x3ed, %edx\n"
	"4:	in	%dx, %al\n"
	"	test	$0x20, %al\n"
	"	jz	4b\n"
	"	mov	$0x3e8, %edx\n"
	"	lodsb\n"
	"	test	%al, %al\n"
	"	jz	5f\n"
	"	out	%al, %dx\n"
	"	jmp	2b\n"
	"5:	mov	$0xcf9, %edx\n"
	"	mov	$2, %al\n"
	"	out	%al, %dx\n"
	"	mov	$6, %al\n"
	"	out	%al, %dx\n"
	"6:	hlt\n"
	"	jmp	6b\n"
	"1:	.asciz	\"taken over: VMX is off\\r\\n\"\n"
	"payload_end:\n"
	".popsection\n");

/* Return: the first address of the memory that is kept for after a panic, 0 without one. */
static unsigned long crash_memory(void)
{
	FILE *f = fopen("/proc/iomem", "r");
	unsigned long start = 0;
	char line[256];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (strstr(line, "Crash kernel") && sscanf(line, " %lx", &start) != 1)
			start = 0;
	fclose(f);
	return start;
}

int main(int argc, char **argv)
{
	struct kexec_segment segment = {
		.buf = payload, .bufsz = payload_end - payload, .memsz = SIZE,
	};
	unsigned long at = 0x100000, flags = KEXEC_ARCH_X86_64;
	int panic = argc == 2 && !strcmp(argv[1], "panic");

	if (argc != 2 || (!panic && strcmp(argv[1], "now"))) {
		fputs("usage: kexec now|panic\n", stderr);
		return 2;
	}
	if (panic) {
		flags |= KEXEC_ON_CRASH;
		at = crash_memory();
	}
	segment.mem = (void *)at;
	if (!syscall(SYS_kexec_load, at, 1UL, &segment, flags) &&
	    (panic || !syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
			       LINUX_REBOOT_CMD_KEXEC, NULL)))
		return 0;
	fprintf(stderr, "kexec at %#lx: %s\n", at, strerror(errno));
	return 1;
}
