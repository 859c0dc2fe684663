// SPDX-License-Identifier: GPL-2.0-only
/* Counters of VMs and vCPUs in file descriptors of their own: KVM_GET_STATS_FD. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

GUEST64(some_exits, "mov $5, %ecx\n1: out %al, $0x10; loop 1b\n"
	"2: hlt; jmp 2b");

static struct vm vm;
static struct vcpu *v;

struct file {
	int fd;
	size_t len;
	struct kvm_stats_header header;
	u8 bytes[16384];
};

static void load(struct file *f, int fd)
{
	ssize_t got = pread(fd, f->bytes, sizeof(f->bytes), 0);

	f->fd = fd;
	REQUIRE(got > (ssize_t)sizeof(f->header) && got < (ssize_t)sizeof(f->bytes));
	f->len = got;
	memcpy(&f->header, f->bytes, sizeof(f->header));
}

static const struct kvm_stats_desc *desc(const struct file *f, unsigned int nr)
{
	return (const void *)(f->bytes + f->header.desc_offset +
			      nr * (sizeof(struct kvm_stats_desc) + f->header.name_size));
}

static u64 value(const struct file *f, const struct kvm_stats_desc *d)
{
	u64 val;

	memcpy(&val, f->bytes + f->header.data_offset + d->offset, sizeof(val));
	return val;
}

/* Return: the counter of that name, read anew. */
static u64 counter(int fd, const char *name)
{
	static struct file f;
	unsigned int i;

	load(&f, fd);
	for (i = 0; i < f.header.num_desc; i++)
		if (!strcmp(desc(&f, i)->name, name))
			return value(&f, desc(&f, i));
	tap_note("no %s is there", name);
	CHECK(false);
	return 0;
}

static void start(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(some_exits));
	CHECK_EQ(has_cap(&vm, KVM_CAP_BINARY_STATS_FD), 1);
}

static void check_format(int fd, const char *id)
{
	static struct file f;
	const struct kvm_stats_desc *d;
	size_t values = 0;
	unsigned int i;

	load(&f, fd);
	CHECK_EQ(f.header.flags, 0);
	CHECK_EQ(f.header.name_size, 48);
	CHECK(f.header.num_desc > 0);
	CHECK_EQ(f.header.id_offset, sizeof(f.header));
	CHECK_EQ(f.header.desc_offset, f.header.id_offset + 48);
	CHECK(f.header.data_offset >= f.header.desc_offset +
	      f.header.num_desc * (sizeof(*d) + f.header.name_size));
	CHECK(!strcmp((char *)f.bytes + f.header.id_offset, id));
	for (i = 0; i < f.header.num_desc; i++) {
		d = desc(&f, i);
		CHECK(d->name[0] && strnlen(d->name, 48) < 48);
		CHECK((d->flags & KVM_STATS_TYPE_MASK) <= KVM_STATS_TYPE_MAX);
		CHECK(d->size > 0);
		CHECK(f.header.data_offset + d->offset + d->size * sizeof(u64) <= f.len);
		values += d->size;
	}
	CHECK_EQ(f.header.data_offset + values * sizeof(u64), f.len);
}

static void files_have_the_format(void)
{
	char id[64];

	start();
	snprintf(id, sizeof(id), "kvm-%d", getpid());
	check_format(CHECK_OK(ioctl(vm.fd, KVM_GET_STATS_FD, NULL)), id);
	snprintf(id, sizeof(id), "kvm-%d/vcpu-0", getpid());
	check_format(CHECK_OK(ioctl(v->fd, KVM_GET_STATS_FD, NULL)), id);
}

static void counters_of_a_vcpu_rise(void)
{
	unsigned int i;
	u64 halts, ios, exits;
	int fd;

	start();
	fd = CHECK_OK(ioctl(v->fd, KVM_GET_STATS_FD, NULL));
	CHECK_EQ(counter(fd, "exits"), 0);
	CHECK_EQ(counter(fd, "halt_exits"), 0);
	for (i = 0; i < 5; i++)
		vcpu_run_out(v, 0x10);
	ios = counter(fd, "io_exits");
	CHECK_EQ(ios, 5);
	exits = counter(fd, "exits");
	CHECK(exits >= 5);
	vcpu_run_to(v, KVM_EXIT_HLT);
	vcpu_run_to(v, KVM_EXIT_HLT);
	halts = counter(fd, "halt_exits");
	CHECK_EQ(halts, 2);
	CHECK(counter(fd, "exits") >= exits + 2);
	CHECK_EQ(counter(fd, "io_exits"), ios);
	CHECK(counter(fd, "pf_taken") > 0);
	CHECK_EQ(counter(fd, "hypercalls"), 0);
}

static void counters_of_a_vm_count_its_pages(void)
{
	int fd;

	start();
	fd = CHECK_OK(ioctl(vm.fd, KVM_GET_STATS_FD, NULL));
	CHECK_EQ(counter(fd, "pages_4k") + counter(fd, "pages_2m") + counter(fd, "pages_1g"), 0);
	vcpu_run_out(v, 0x10);
	CHECK(counter(fd, "pages_4k") + counter(fd, "pages_2m") > 0);
}

/* read() goes on where the last one ended, pread() does not move that place. */
static void reads_of_every_part_are_of_the_same_file(void)
{
	static struct file f;
	size_t at;
	u8 byte;
	int fd;

	start();
	fd = CHECK_OK(ioctl(v->fd, KVM_GET_STATS_FD, NULL));
	load(&f, fd);
	for (at = 0; at < f.len; at++) {
		byte = f.bytes[at] + 1;
		if (pread(fd, &byte, 1, at) != 1 || byte != f.bytes[at])
			break;
		byte = f.bytes[at] + 1;
		if (read(fd, &byte, 1) != 1 || byte != f.bytes[at])
			break;
	}
	CHECK_EQ(at, f.len);
	CHECK_EQ(read(fd, &byte, 1), 0);
	CHECK_EQ(pread(fd, &byte, 1, f.len + 1000), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), f.len);
	CHECK_ERR(pread(fd, bad_pointer(), 8, 0), EFAULT);
	CHECK_ERR(write(fd, &byte, 1), EBADF);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void file_outlives_the_vm(void)
{
	int of_vm, of_vcpu;

	start();
	of_vm = CHECK_OK(ioctl(vm.fd, KVM_GET_STATS_FD, NULL));
	of_vcpu = CHECK_OK(ioctl(v->fd, KVM_GET_STATS_FD, NULL));
	vcpu_run_out(v, 0x10);
	vm_destroy(&vm);
	CHECK_EQ(counter(of_vcpu, "io_exits"), 1);
	counter(of_vm, "pages_4k");
	close(of_vcpu);
	close(of_vm);
}

/* ---- CPU time of the guest ---- */

GUEST64(spins, "1: mov $712345, %ecx; 2: dec %ecx; jnz 2b; out %al, $0x10; jmp 1b");

/* Return: the guest's time of this thread, in ticks of the clock: proc(5), stat, field 43. */
static unsigned long guest_ticks(void)
{
	char line[1024], *at;
	unsigned int field;
	FILE *file = fopen("/proc/thread-self/stat", "r");

	REQUIRE(file && fgets(line, sizeof(line), file));
	fclose(file);
	at = strrchr(line, ')');
	for (field = 2; field < 43; field++) {
		REQUIRE(at);
		at = strchr(at + 1, ' ');
	}
	REQUIRE(at);
	return strtoul(at, NULL, 10);
}

static double thread_seconds(void)
{
	struct timespec now;

	CHECK_OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now));
	return now.tv_sec + now.tv_nsec / 1e9;
}

/*
 * Nearly all of the time is the guest's. How much of it ticks find is up to their phase: it
 * was all of it, and in two boots of the lab a tenth, on KVM.
 */
static void time_is_the_guests(void)
{
	double start = thread_seconds(), all;
	unsigned long before = guest_ticks();
	double of_guest;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(spins));

	while (thread_seconds() - start < 1)
		vcpu_run_out(v, 0x10);
	all = thread_seconds() - start;
	of_guest = (guest_ticks() - before) / (double)sysconf(_SC_CLK_TCK);
	CHECK(of_guest > all / 20);
	CHECK(of_guest < all * 1.1);
	tap_note("%.2f of %.2f s", of_guest, all);
}

static const struct test tests[] = {
	TEST(files_have_the_format),
	TEST(counters_of_a_vcpu_rise),
	TEST(counters_of_a_vm_count_its_pages),
	TEST(reads_of_every_part_are_of_the_same_file),
	TEST(file_outlives_the_vm),
	TEST(time_is_the_guests),
};

TAP_MAIN(tests)
