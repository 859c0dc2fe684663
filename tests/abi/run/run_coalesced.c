// SPDX-License-Identifier: GPL-2.0-only
/* Coalesced MMIO and port I/O: writes that go into a ring, without an exit. */
#include <string.h>
#include <sys/mman.h>

#include "guest.h"

#define RING_PAGE	2	/* of a vCPU's mapping */
#define ENTRIES		((0x1000 - sizeof(struct kvm_coalesced_mmio_ring)) / \
			 sizeof(struct kvm_coalesced_mmio))
#define ZONE		(GUEST_MMIO + 0x100)
#define PORT		0x70

static struct vm vm;
static struct vcpu *v;
static struct kvm_coalesced_mmio_ring *ring;

static int zone(unsigned long cmd, u64 addr, u32 size, u32 pio)
{
	struct kvm_coalesced_mmio_zone z = { .addr = addr, .size = size, .pio = pio };

	return ioctl(vm.fd, cmd, &z);
}

#define ADD(addr, size, pio)	zone(KVM_REGISTER_COALESCED_MMIO, addr, size, pio)
#define DEL(addr, size, pio)	zone(KVM_UNREGISTER_COALESCED_MMIO, addr, size, pio)

static void start(struct prog prog)
{
	v = guest_make(&vm, MODE_LONG, prog);
	REQUIRE(vm.run_size == 3 * 0x1000);
	ring = (void *)((u8 *)v->run + RING_PAGE * 0x1000);
	CHECK_EQ(ring->first, 0);
	CHECK_EQ(ring->last, 0);
}

/* Take the next entry, which must be this write. */
static void next_is(u64 addr, u32 len, u32 pio, u64 value, int line)
{
	struct kvm_coalesced_mmio *e = &ring->coalesced_mmio[ring->first];
	u64 data = 0;

	if (!tap_check(ring->first != ring->last, "the ring has an entry", __FILE__, line))
		return;
	memcpy(&data, e->data, len <= 8 ? len : 8);
	if (!tap_check(e->phys_addr == addr && e->len == len && e->pio == pio && data == value,
		       "the entry", __FILE__, line))
		tap_note("%llx.%u %s %llx, not %llx.%u %llx", (unsigned long long)e->phys_addr,
			 e->len, e->pio ? "port" : "MMIO", (unsigned long long)data,
			 (unsigned long long)addr, len, (unsigned long long)value);
	ring->first = (ring->first + 1) % ENTRIES;
}

#define NEXT(addr, len, pio, value)	next_is(addr, len, pio, value, __LINE__)
#define IS_EMPTY()			CHECK_EQ(ring->first, ring->last)

static void exit_is(bool write, u64 addr, u32 len, int line)
{
	struct kvm_run *run = v->run;

	vcpu_run_to(v, KVM_EXIT_MMIO);
	if (!tap_check(run->mmio.is_write == write && run->mmio.phys_addr == addr &&
		       run->mmio.len == len, "the exit", __FILE__, line))
		tap_note("%c %llx.%u", run->mmio.is_write ? 'w' : 'r',
			 (unsigned long long)run->mmio.phys_addr, run->mmio.len);
}

#define EXIT(write, addr, len)	exit_is(write, addr, len, __LINE__)

GUEST64(halt, "hlt");

static void capabilities(void)
{
	vm_make(&vm, NULL);
	CHECK_EQ(has_cap(&vm, KVM_CAP_COALESCED_MMIO), RING_PAGE);
	CHECK_EQ(has_cap(&vm, KVM_CAP_COALESCED_PIO), 1);
}

static void arguments(void)
{
	start(PROG(halt));
	CHECK_ERR(ADD(ZONE, 0x10, 2), EINVAL);
	CHECK_ERR(ADD(ZONE, 0x10, ~0U), EINVAL);
	CHECK_ERR(DEL(ZONE, 0x10, 2), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_REGISTER_COALESCED_MMIO, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_UNREGISTER_COALESCED_MMIO, bad_pointer()), EFAULT);
	CHECK_OK(DEL(ZONE, 0x10, 0));	/* there is none */
	CHECK_OK(ADD(0, 0, 0));
	CHECK_OK(ADD(~0ULL, ~0U, 0));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void number_of_zones(void)
{
	unsigned int i;

	start(PROG(halt));
	for (i = 0; i < 1000; i++)
		CHECK_OK(ADD(ZONE + 0x10 * i, 0x10, 0));
	CHECK_ERR(ADD(ZONE, 0x10, 0), ENOSPC);
	CHECK_OK(ADD(PORT, 1, 1));	/* ports have a limit of their own */
	CHECK_OK(DEL(ZONE, 1, 0));
	CHECK_OK(ADD(ZONE, 0x10, 0));
	CHECK_ERR(ADD(ZONE, 0x10, 0), ENOSPC);
}

/* rbx is the start of the zone of 0x20 bytes. */
GUEST64(stores,
	"mov $0xd0000100, %ebx; mov $0x1122334455667788, %rax\n"
	"mov %al, (%rbx); mov %ax, 2(%rbx); mov %eax, 4(%rbx); mov %rax, 8(%rbx)\n"
	"movb $0x99, 0x1f(%rbx)\n"	/* the last byte */
	"mov %al, -1(%rbx)\n"		/* before it */
	"mov %al, 0x20(%rbx)\n"		/* behind it */
	"mov %ax, 0x1f(%rbx)\n"		/* across its end */
	"mov %eax, -2(%rbx)\n"		/* across its start */
	"mov (%rbx), %ecx\n"		/* reads exit */
	"incl 4(%rbx)\n"
	"hlt");

static void stores_in_a_zone_do_not_exit(void)
{
	start(PROG(stores));
	CHECK_OK(ADD(ZONE, 0x20, 0));
	EXIT(true, ZONE - 1, 1);
	NEXT(ZONE, 1, 0, 0x88);
	NEXT(ZONE + 2, 2, 0, 0x7788);
	NEXT(ZONE + 4, 4, 0, 0x55667788);
	NEXT(ZONE + 8, 8, 0, 0x1122334455667788);
	NEXT(ZONE + 0x1f, 1, 0, 0x99);
	IS_EMPTY();
	EXIT(true, ZONE + 0x20, 1);
	EXIT(true, ZONE + 0x1f, 2);
	EXIT(true, ZONE - 2, 4);
	EXIT(false, ZONE, 4);
	EXIT(false, ZONE + 4, 4);
	*(u32 *)v->run->mmio.data = 41;
	IS_EMPTY();
	vcpu_run_to(v, KVM_EXIT_HLT);
	NEXT(ZONE + 4, 4, 0, 42);
	IS_EMPTY();
}

GUEST64(wide,
	"mov $0xd0000100, %ebx; mov $0xc000, %esi\n"
	"movups (%rsi), %xmm0; movups %xmm0, (%rbx)\n"
	"movups %xmm0, 0x18(%rbx)\n"	/* the second half is behind the zone */
	"lea 0x10(%rbx), %rdi; movsq\n"
	"mov $0xd0000110, %edi; mov $3, %ecx; mov $0x5a, %al; rep stosb; hlt");

static void wide_and_string_stores(void)
{
	u64 low = 0x0102030405060708, high = 0x1112131415161718;

	start(PROG(wide));
	DATA64(&vm, 0) = low;
	DATA64(&vm, 1) = high;
	CHECK_OK(ADD(ZONE, 0x20, 0));
	EXIT(true, ZONE + 0x20, 8);
	CHECK(!memcmp(v->run->mmio.data, &high, 8));
	vcpu_run_to(v, KVM_EXIT_HLT);
	NEXT(ZONE, 8, 0, low);
	NEXT(ZONE + 8, 8, 0, high);
	NEXT(ZONE + 0x18, 8, 0, low);
	NEXT(ZONE + 0x10, 8, 0, low);
	NEXT(ZONE + 0x10, 1, 0, 0x5a);
	NEXT(ZONE + 0x11, 1, 0, 0x5a);
	NEXT(ZONE + 0x12, 1, 0, 0x5a);
	IS_EMPTY();
}

GUEST64(many, "mov $0xd0000100, %ebx; mov $1000, %ecx\n1: mov %ecx, (%rbx); loop 1b; hlt");

/* Return: stores that the ring takes before one exits. */
static unsigned int fill_ring(void)
{
	vcpu_run_to(v, KVM_EXIT_MMIO);
	return (ring->last + ENTRIES - ring->first) % ENTRIES;
}

static void full_ring(void)
{
	unsigned int taken, next = 1000, i, round;

	start(PROG(many));
	CHECK_OK(ADD(ZONE, 4, 0));
	for (round = 0; round < 3; round++) {
		taken = fill_ring();
		KNOWN_DIFFERENCE(taken == ENTRIES - 1, "counts wrong, until 6.11");
		CHECK(taken > ENTRIES / 4 && taken < ENTRIES);
		for (i = 0; i < taken; i++)
			NEXT(ZONE, 4, 0, next--);
		CHECK_EQ(*(u32 *)v->run->mmio.data, next--);
	}
	/* indices that no VMM would write */
	ring->last = ENTRIES;
	EXIT(true, ZONE, 4);
	ring->last = ~0U;
	EXIT(true, ZONE, 4);
	ring->first = ~0U;
	ring->last = 0;
	for (i = 0; i < 300; i++)
		vcpu_run(v);
	CHECK(ring->last < ENTRIES);
}

GUEST64(ports,
	"mov $0x11223344, %eax\n"
	"out %al, $0x70; out %ax, $0x70; out %eax, $0x70\n"
	"out %al, $0x73; out %ax, $0x73; in $0x70, %al; out %al, $0x74\n"
	"cld; mov $0xc000, %esi; mov $0x71, %edx; mov $3, %ecx; rep outsb; outsw\n"
	"mov $0x80, %edx; mov $3, %ecx; rep outsb\n"
	"mov $0x70, %edx; mov $0x300000, %esi; outsb; hlt");

/* Exits for @count bytes or words: KVM makes one for each. */
static void port_exit(u16 port, u8 direction, u32 count)
{
	u32 done = 0;

	while (done < count) {
		vcpu_run_to(v, KVM_EXIT_IO);
		CHECK_EQ(v->run->io.port, port);
		CHECK_EQ(v->run->io.direction, direction);
		REQUIRE(v->run->io.count);
		done += v->run->io.count;
	}
	CHECK_EQ(done, count);
}

static void writes_of_ports(void)
{
	start(PROG(ports));
	DATA64(&vm, 0) = 0x8877665544332211;
	CHECK_OK(ADD(PORT, 4, 1));
	port_exit(0x73, KVM_EXIT_IO_OUT, 1);	/* across the end */
	CHECK_EQ(v->run->io.size, 2);
	NEXT(PORT, 1, 1, 0x44);
	NEXT(PORT, 2, 1, 0x3344);
	NEXT(PORT, 4, 1, 0x11223344);
	NEXT(PORT + 3, 1, 1, 0x44);
	IS_EMPTY();
	port_exit(PORT, KVM_EXIT_IO_IN, 1);
	*(u8 *)vcpu_io_data(v) = 0x66;
	port_exit(0x74, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(*(u8 *)vcpu_io_data(v), 0x66);
	IS_EMPTY();
	port_exit(0x80, KVM_EXIT_IO_OUT, 3);
	NEXT(PORT + 1, 1, 1, 0x11);
	NEXT(PORT + 1, 1, 1, 0x22);
	NEXT(PORT + 1, 1, 1, 0x33);
	NEXT(PORT + 1, 2, 1, 0x5544);
	IS_EMPTY();
	EXIT(false, 0x300000, 1);		/* OUTS from MMIO */
	v->run->mmio.data[0] = 0x77;
	vcpu_run_to(v, KVM_EXIT_HLT);
	NEXT(PORT, 1, 1, 0x77);
	IS_EMPTY();
}

GUEST64(again, "1: mov %eax, 0xd0000100; out %al, $0x70; hlt; jmp 1b");

static void zones_go(void)
{
	start(PROG(again));
	CHECK_OK(ADD(ZONE, 4, 0));
	CHECK_OK(ADD(ZONE, 0x100, 0));	/* a second around it */
	CHECK_OK(ADD(PORT, 4, 1));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(ring->last, 2);
	/* a range that is partly outside of a zone leaves it */
	CHECK_OK(DEL(ZONE, 8, 0));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(ring->last, 4);
	CHECK_OK(DEL(ZONE + 3, 1, 0));
	EXIT(true, ZONE, 4);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(ring->last, 5);
	CHECK_OK(DEL(PORT, 4, 0));	/* MMIO at this number */
	EXIT(true, ZONE, 4);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(DEL(PORT, 4, 1));
	EXIT(true, ZONE, 4);
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(ring->last, 6);
}

/* Memory is not MMIO, and the ring is that of all vCPUs. */
static void memory_and_other_vcpus(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = GUEST_MMIO, .memory_size = 0x1000,
	};
	struct kvm_coalesced_mmio_ring *other;
	void *mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	start(PROG(again));
	CHECK_OK(ADD(ZONE, 4, 0));
	CHECK_OK(ADD(PORT, 1, 1));
	r.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(ring->last, 1);
	other = (void *)((u8 *)vm_add_vcpu(&vm, 1)->run + RING_PAGE * 0x1000);
	CHECK_EQ(other->last, 1);
	other->first = 1;
	CHECK_EQ(ring->first, 1);
}

static const struct test tests[] = {
	TEST(capabilities),
	TEST(arguments),
	TEST(number_of_zones),
	TEST(stores_in_a_zone_do_not_exit),
	TEST(wide_and_string_stores),
	TEST(full_ring),
	TEST(writes_of_ports),
	TEST(zones_go),
	TEST(memory_and_other_vcpus),
};

TAP_MAIN(tests)
