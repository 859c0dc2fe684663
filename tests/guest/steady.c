// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest of the storm: /init, the only program of its initramfs.
 *
 * Workers fill all registers of a processor, spin, enter and leave the kernel,
 * and check that the registers are unchanged. The program prints "guest: round
 * N" after each good round, and "guest: broken" with the register after a bad
 * one.
 */
#include <asm/prctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS	3
#define TURNS	40

/* Contents of the vector and x87 registers. */
struct vectors {
	uint64_t ymm[16][4];
	uint64_t x87[4];
	uint32_t mxcsr;
	uint16_t fcw;
} __attribute__((aligned(32)));

static void broken(const char *what, unsigned int worker)
{
	char line[80];
	int n = snprintf(line, sizeof(line), "guest: broken: %s of worker %u\n",
			 what, worker);

	if (write(STDOUT_FILENO, line, n) != n)
		_exit(2);
	_exit(1);
}

/* The compiler must not touch a vector register between load and store. */
#define EACH(op)							\
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)			\
	op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define LOAD(n)	 "vmovdqa " #n "*32(%[in]), %%ymm" #n "\n\t"
#define STORE(n) "vmovdqa %%ymm" #n ", " #n "*32(%[out])\n\t"
#define SSE_LOAD(n)  "movdqa " #n "*32(%[in]), %%xmm" #n "\n\t"
#define SSE_STORE(n) "movdqa %%xmm" #n ", " #n "*32(%[out])\n\t"

#define THROUGH(load, store)						\
	asm volatile("ldmxcsr %[mxcsr_in]; fldcw %[fcw_in]\n\t"		\
		     EACH(load)						\
		     "fildll 24+%[x87_in]; fildll 16+%[x87_in]\n\t"	\
		     "fildll 8+%[x87_in]; fildll %[x87_in]\n\t"		\
		     "mov %[spin], %%rcx\n"				\
		     "1: dec %%rcx; jnz 1b\n\t"				\
		     "mov %[call], %%eax; syscall\n\t"			\
		     "fistpll %[x87_out]; fistpll 8+%[x87_out]\n\t"	\
		     "fistpll 16+%[x87_out]; fistpll 24+%[x87_out]\n\t"	\
		     EACH(store)					\
		     "stmxcsr %[mxcsr_out]; fstcw %[fcw_out]\n\t"	\
		     "fninit; ldmxcsr %[mxcsr_usual]"			\
		     : [x87_out] "=m" (to->x87),			\
		       [mxcsr_out] "=m" (to->mxcsr),			\
		       [fcw_out] "=m" (to->fcw)				\
		     : [in] "r" (from->ymm), [out] "r" (to->ymm),	\
		       [x87_in] "m" (from->x87),			\
		       [mxcsr_in] "m" (from->mxcsr),			\
		       [fcw_in] "m" (from->fcw), [spin] "r" (spin),	\
		       [mxcsr_usual] "m" (mxcsr_usual),			\
		       [call] "i" (SYS_sched_yield)			\
		     : "rax", "rcx", "r11", "memory", "cc")

static void through_avx(const struct vectors *from, struct vectors *to, uint64_t spin)
{
	static const uint32_t mxcsr_usual = 0x1f80;

	THROUGH(LOAD, STORE);
	asm volatile("vzeroupper");
}

static void through_sse(const struct vectors *from, struct vectors *to, uint64_t spin)
{
	static const uint32_t mxcsr_usual = 0x1f80;

	THROUGH(SSE_LOAD, SSE_STORE);
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void check_vectors(unsigned int worker, uint64_t *seed)
{
	bool avx = __builtin_cpu_supports("avx");
	struct vectors from, to;
	unsigned int i, j;

	memset(&from, 0, sizeof(from));
	for (i = 0; i < 16; i++)
		for (j = 0; j < (avx ? 4 : 2); j++)
			from.ymm[i][j] = next(seed);
	for (i = 0; i < 4; i++)
		from.x87[i] = next(seed) >> 1;
	from.mxcsr = 0x1f80 | (next(seed) & 0x6000);
	from.fcw = 0x037f | (next(seed) & 0x0c00);
	memset(&to, 0, sizeof(to));
	(avx ? through_avx : through_sse)(&from, &to, 1 + (next(seed) & 0x3fff));
	if (memcmp(&from, &to, sizeof(from)))
		broken("the FPU", worker);
}

/* A base of each segment that has one, through the kernel and back. */
static void check_bases(unsigned int worker, uint64_t *seed)
{
	uint64_t mine = next(seed), seen;
	unsigned long fs, fs_now;

	syscall(SYS_arch_prctl, ARCH_SET_GS, &mine);
	syscall(SYS_arch_prctl, ARCH_GET_FS, &fs);
	for (unsigned int i = 0; i < 4; i++) {
		syscall(SYS_getppid);
		asm volatile("mov %%gs:0, %0" : "=r" (seen));
		asm volatile("mov %%fs:0, %0" : "=r" (fs_now));
		if (seen != mine)
			broken("GS", worker);
		if (fs_now != fs)
			broken("FS", worker);
	}
	syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
}

/* Cause page faults from user mode, and check that new pages are zero. */
static void check_pages(unsigned int worker)
{
	const size_t size = 16 * 4096;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		broken("mmap", worker);
	for (size_t i = 0; i < size; i += 4096) {
		if (p[i])
			broken("a page", worker);
		p[i] = worker + 1;
	}
	for (size_t i = 0; i < size; i += 4096)
		if (p[i] != (char)(worker + 1))
			broken("memory", worker);
	munmap(p, size);
}

static void work(unsigned int worker, uint64_t seed)
{
	for (unsigned int i = 0; i < TURNS; i++) {
		check_vectors(worker, &seed);
		check_bases(worker, &seed);
		check_pages(worker);
	}
	_exit(0);
}

static bool one_round(unsigned int round)
{
	int status, good = 0;
	pid_t pid;

	for (unsigned int i = 0; i < WORKERS; i++) {
		pid = fork();
		if (pid < 0)
			return false;
		if (!pid)
			work(i, 0x9e3779b97f4a7c15 * (round * WORKERS + i + 1));
	}
	while (wait(&status) > 0)
		good += !status;
	return good == WORKERS;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned int round = 1; ; round++) {
		if (!one_round(round))
			break;
		printf("guest: round %u\n", round);
	}
	printf("guest: broken: a worker did not end well\n");
	for (;;)
		pause();
}
