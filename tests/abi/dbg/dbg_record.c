// SPDX-License-Identifier: GPL-2.0-only
/* Hits that are recorded into a ring, and the ring itself. */
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../../userspace/libvmxdbg/ring.c"
#include "../../kunit/bytecode_code.h"
#include "vmm.h"

#define WHY_BP		VMXDBG_WHY_BREAKPOINT
#define UNMAPPED	0x400000000000ULL
#define UNTOUCHED	0x180000		/* RAM that the VMM has never accessed */
#define PAGE		4096U
#define GENERAL_SIZE	(sizeof(struct vmxdbg_record) + sizeof(struct kvm_regs))

/* 0xc000 counts the rounds */
#define ROUNDS(name, n)							\
	GUEST64(name, "mov $" #n ", %ebx\n"				\
		#name "_here: incl 0xc000\n"				\
		"dec %ebx; jnz " #name "_here\n"			\
		"hlt");							\
	LABEL(name##_here)
ROUNDS(ten, 10);
ROUNDS(hundred, 100);
/* every vCPU counts at 0xc000 + 8 * its number, which it computes from its stack */
GUEST64(each,
	"mov $0xf000, %ebx; sub %esp, %ebx; shr $10, %ebx; mov $100, %ecx\n"
	"each_here: incq 0xc000(, %rbx, 8); dec %ecx; jnz each_here\n"
	"hlt");
LABEL(each_here);

struct code {
	const u8 *bytes;
	u32 len;
};

#define CODE(...) ((struct code){ (const u8[]){ __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }) })

static long set_ring(struct dbg *d, u64 size)
{
	struct vmxdbg_set_ring arg = { .size = size };

	return ioctl(d->fd, VMXDBG_SET_RING, &arg) ? -errno : 0;
}

static volatile struct vmxdbg_ring *map_ring(struct dbg *d, u32 size)
{
	void *map;

	REQUIRE(!set_ring(d, size));
	map = mmap(NULL, PAGE + size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
	REQUIRE(map != MAP_FAILED);
	return map;
}

static long record(struct dbg *d, u64 addr, u32 flags, struct code code)
{
	struct vmxdbg_options options = {
		.action = VMXDBG_ACTION_RECORD,
		.record = (u64)code.bytes, .record_len = code.len, .record_flags = flags,
	};

	return session_add_bp(d->fd, (struct vmxdbg_bp){ .addr = addr, .len = 1,
							 .options = (u64)&options });
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

/* Return: the record at *@at or NULL; *@at moves to the next one. */
static const struct vmxdbg_record *next_record(volatile struct vmxdbg_ring *ring, u64 *at)
{
	const struct vmxdbg_record *rec;

	while (*at != __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE)) {
		rec = (void *)((char *)ring + ring->data_offset + *at % ring->size);
		*at += rec->size;
		if (!(rec->flags & VMXDBG_RECORD_PAD))
			return rec;
	}
	return NULL;
}

static void read_till_here(volatile struct vmxdbg_ring *ring, u64 at)
{
	__atomic_store_n(&ring->tail, at, __ATOMIC_RELEASE);
}

static const struct vmxdbg_record_block *block_after(const struct vmxdbg_record_block *b)
{
	return (const void *)((const u8 *)(b + 1) +
			      (b->flags & VMXDBG_BLOCK_MISSING ? 0 : (b->len + 7) / 8 * 8));
}

static void each_hit_is_a_record(void)
{
	volatile struct vmxdbg_ring *ring;
	const struct vmxdbg_record_block *block;
	const struct vmxdbg_record *rec;
	const struct kvm_regs *regs;
	u64 at = 0, tsc = 0;
	struct dbg d;
	unsigned int i;
	long id;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	ring = map_ring(&d, 65536);
	CHECK_EQ(ring->size, 65536);
	CHECK_EQ(ring->data_offset, PAGE);
	id = record(&d, AT(ten, ten_here), VMXDBG_RECORD_GENERAL,
		    CODE(CONST16(0xc000), TRACE_QUICK(4), END));
	CHECK(id > 0);
	CHECK(!next_record(ring, &at));
	dbg_finish(&d);
	for (i = 0; i < 10; i++) {
		rec = next_record(ring, &at);
		REQUIRE(rec);
		regs = (const void *)(rec + 1);
		block = (const void *)(regs + 1);
		CHECK_EQ(rec->size, GENERAL_SIZE + sizeof(*block) + 8);
		CHECK_EQ(rec->flags, VMXDBG_RECORD_GENERAL);
		CHECK_EQ(rec->vcpu, 0);
		CHECK_EQ(rec->id, id);
		CHECK_EQ(rec->rip, AT(ten, ten_here));
		CHECK(rec->tsc > tsc);
		tsc = rec->tsc;
		CHECK_EQ(regs->rip, rec->rip);
		CHECK_EQ(regs->rbx, 10 - i);
		CHECK_EQ(block->addr, 0xc000);
		CHECK_EQ(block->len, 4);
		CHECK_EQ(block->flags, 0);
		CHECK_EQ(*(const u64 *)(block + 1), i);
	}
	CHECK(!next_record(ring, &at));
	CHECK_EQ(ring->lost, 0);
	CHECK_EQ(hits_of(&d, id), 10);
}

static void blocks_of_every_kind(void)
{
	static const char text[] = "over the end of a page";
	const struct vmxdbg_record_block *b;
	volatile struct vmxdbg_ring *ring;
	const struct vmxdbg_record *rec;
	u64 place = GUEST_HIGH + PAGE - 5, at = 0;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	ring = map_ring(&d, 65536);
	memcpy(d.vmm.vm.mem + place, text, sizeof(text));
	CHECK(record(&d, AT(ten, ten_here), 0,
		     CODE(CONST32(place), TRACE16(300), CONST8(100), TRACENZ,
			  CONST64(UNMAPPED), TRACE_QUICK(8), POP,
			  CONST32(place), CONST8(9), TRACE,
			  CONST64(UNMAPPED), CONST8(9), TRACENZ,
			  CONST8(1), SETV(VMXDBG_VAR_PHYSICAL), POP,
			  CONST16(0xc000), TRACE_QUICK(8),
			  TRACEV(VMXDBG_VAR_HITS), TRACEV(VMXDBG_VAR_VCPU), END)) > 0);
	dbg_finish(&d);
	REQUIRE(next_record(ring, &at));
	rec = next_record(ring, &at);
	REQUIRE(rec);
	CHECK_EQ(rec->flags, 0);

	b = (const void *)(rec + 1);
	CHECK(b->addr == place && b->len == 300 && !b->flags);
	CHECK(!memcmp(b + 1, text, sizeof(text)));
	b = block_after(b);
	CHECK(b->addr == place && !b->flags);
	CHECK_EQ(b->len, sizeof(text));
	CHECK(!strcmp((const char *)(b + 1), text));
	b = block_after(b);
	CHECK(b->addr == UNMAPPED && b->len == 8);
	CHECK_EQ(b->flags, VMXDBG_BLOCK_MISSING);
	b = block_after(b);
	CHECK(b->addr == place && b->len == 9 && !b->flags);
	CHECK_EQ(((const u64 *)(b + 1))[1], (u8)text[8]);	/* the rest of the word is 0 */
	b = block_after(b);
	CHECK(b->addr == UNMAPPED && b->len == 0);
	CHECK_EQ(b->flags, VMXDBG_BLOCK_MISSING);
	b = block_after(b);
	CHECK(b->addr == 0xc000 && b->len == 8);
	CHECK_EQ(b->flags, VMXDBG_BLOCK_PHYSICAL);
	CHECK_EQ(*(const u64 *)(b + 1), 1);
	b = block_after(b);
	CHECK(b->addr == VMXDBG_VAR_HITS && b->len == 8);
	CHECK_EQ(b->flags, VMXDBG_BLOCK_VARIABLE);
	CHECK_EQ(*(const u64 *)(b + 1), 1);
	b = block_after(block_after(b));
	CHECK_EQ((const u8 *)b - (const u8 *)rec, rec->size);
}

/* A trace of no bytes records a value of the stack as an address, mapped or not. */
static void blocks_of_no_bytes(void)
{
	const struct vmxdbg_record_block *b;
	volatile struct vmxdbg_ring *ring;
	const struct vmxdbg_record *rec;
	struct dbg d;
	u64 at = 0;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	ring = map_ring(&d, 65536);
	CHECK(record(&d, AT(ten, ten_here), 0,
		     CODE(CONST64(UNMAPPED + 7), TRACE_QUICK(0), POP,
			  REG(1), TRACE_QUICK(0), POP, END)) > 0);
	dbg_finish(&d);
	rec = next_record(ring, &at);
	REQUIRE(rec);
	b = (const void *)(rec + 1);
	CHECK(b->addr == UNMAPPED + 7 && !b->len && !b->flags);
	b = block_after(b);
	CHECK(b->addr == 10 && !b->len && !b->flags);
	b = block_after(b);
	CHECK_EQ((const u8 *)b - (const u8 *)rec, rec->size);
}

static void lost_records_are_counted(void)
{
	const unsigned int fit = PAGE / GENERAL_SIZE;
	volatile struct vmxdbg_ring *ring;
	unsigned int n = 0;
	struct dbg d;
	u64 at = 0;
	long id;

	dbg_start(&d, MODE_LONG, PROG(hundred), NULL);
	ring = map_ring(&d, PAGE);
	id = record(&d, AT(hundred, hundred_here), VMXDBG_RECORD_GENERAL, (struct code){ 0 });
	CHECK(id > 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 100);
	CHECK_EQ(hits_of(&d, id), 100);
	while (next_record(ring, &at))
		n++;
	CHECK_EQ(n, fit);
	CHECK_EQ(ring->lost, 100 - fit);
}

/* Records of one vCPU are in order, and none is missing. */
static void of_several_vcpus(void)
{
	const struct vmm_options four = { .vcpus = 4 };
	volatile struct vmxdbg_ring *ring;
	const struct vmxdbg_record *rec;
	u32 next[4] = { 100, 100, 100, 100 };
	unsigned int i, n = 0;
	struct dbg d;
	u64 at = 0;
	long id;

	dbg_start(&d, MODE_LONG, PROG(each), &four);
	ring = map_ring(&d, 131072);
	id = record(&d, AT(each, each_here), VMXDBG_RECORD_GENERAL,
		    CODE(CONST16(0xc000), TRACE_QUICK(32), END));
	CHECK(id > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d.vmm);
	while ((rec = next_record(ring, &at))) {
		REQUIRE(rec->vcpu < 4);
		CHECK_EQ(((const struct kvm_regs *)(rec + 1))->rcx, next[rec->vcpu]--);
		n++;
	}
	CHECK_EQ(ring->lost, 0);
	CHECK_EQ(n, 400);
	CHECK_EQ(hits_of(&d, id), 400);
	for (i = 0; i < 4; i++)
		CHECK_EQ(DATA64(&d.vmm.vm, i), 100);
}

/* a reader beside a small ring: each record is read or counted as lost */
static void read_while_it_is_written(void)
{
	const struct vmm_options four = { .vcpus = 4 };
	volatile struct vmxdbg_ring *ring;
	const struct vmxdbg_record *rec;
	u32 last[4] = { 101, 101, 101, 101 };
	unsigned int i, n = 0;
	bool done = false;
	struct dbg d;
	u64 at = 0;
	u32 rcx;

	dbg_start(&d, MODE_LONG, PROG(each), &four);
	ring = map_ring(&d, PAGE);
	CHECK(record(&d, AT(each, each_here), VMXDBG_RECORD_GENERAL, (struct code){ 0 }) > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	while (!done) {
		for (i = 0, done = true; i < 4; i++)
			done &= d.vmm.shared->vcpu[i].done;
		while ((rec = next_record(ring, &at))) {
			REQUIRE(rec->vcpu < 4 && rec->size == GENERAL_SIZE);
			rcx = ((const struct kvm_regs *)(rec + 1))->rcx;
			CHECK(rcx < last[rec->vcpu]);
			last[rec->vcpu] = rcx;
			read_till_here(ring, at);
			n++;
		}
	}
	CHECK_EQ(n + ring->lost, 400);
}

static void reader_that_writes_garbage(void)
{
	volatile struct vmxdbg_ring *ring;
	struct dbg d;
	u64 seed = 1;
	long id;

	dbg_start(&d, MODE_LONG, PROG(hundred), NULL);
	ring = map_ring(&d, PAGE);
	id = record(&d, AT(hundred, hundred_here), VMXDBG_RECORD_GENERAL,
		    CODE(CONST16(0xc000), TRACE16(1000), END));
	CHECK(id > 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	while (!d.vmm.shared->vcpu[0].done) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		ring->head = seed;
		ring->tail = seed >> (seed & 63);
		ring->size = ~seed;
		ring->data_offset = seed << 20;
		ring->lost = 0;
		*(u32 *)((char *)ring + PAGE + seed % PAGE / 8 * 8) = seed;
	}
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 100);
	CHECK_EQ(hits_of(&d, id), 100);
}

static int poll_now(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI };

	return poll(&p, 1, ms) < 0 ? -errno : p.revents;
}

static void poll_says_that_there_is_one(void)
{
	volatile struct vmxdbg_ring *ring;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	ring = map_ring(&d, PAGE);
	CHECK(record(&d, AT(ten, ten_here), 0, (struct code){ 0 }) > 0);
	CHECK_EQ(poll_now(d.fd, 0), 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(poll_now(d.fd, 10000), POLLPRI);
	vmm_wait_done(&d.vmm);
	CHECK_EQ(poll_now(d.fd, 0), POLLPRI);
	read_till_here(ring, ring->head);
	CHECK_EQ(poll_now(d.fd, 0), 0);
}

/* the VMM's page tables have no entry for the page yet: the hit is recorded, and once */
static void memory_that_has_to_be_faulted_in(void)
{
	const struct vmxdbg_record_block *block;
	volatile struct vmxdbg_ring *ring;
	const struct vmxdbg_record *rec;
	unsigned int n = 0;
	struct dbg d;
	u64 at = 0;
	long id;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	ring = map_ring(&d, 65536);
	*GUEST_PTR(&d.vmm.vm, UNTOUCHED, u32) = 77;
	*GUEST_PTR(&d.vmm.vm, UNTOUCHED + 2 * PAGE, u32) = 78;
	/* the first record is complete before the second asks for memory */
	CHECK(record(&d, AT(ten, ten_here), 0, (struct code){ 0 }) > 0);
	id = record(&d, AT(ten, ten_here), 0,
		    CODE(CONST32(UNTOUCHED), TRACE_QUICK(4), POP,
			 CONST32(UNTOUCHED + 2 * PAGE), TRACE_QUICK(4), END));
	CHECK(id > 0);
	dbg_finish(&d);
	for (; (rec = next_record(ring, &at)); n++) {
		if (rec->id != id)
			continue;
		block = (const void *)(rec + 1);
		CHECK_EQ(*(const u32 *)(block + 1), 77);
		block = block_after(block);
		CHECK_EQ(*(const u32 *)(block + 1), 78);
	}
	CHECK_EQ(n, 20);
	CHECK_EQ(hits_of(&d, id), 10);
}

static void what_cannot_be_recorded_stops(void)
{
	static const struct {
		u8 code[24];
		u32 len, error;
	} rows[] = {
#define ROW(error, ...) { { __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }), error }
		ROW(VMXDBG_ERROR_SIZE, CONST8(0), TRACE16(VMXDBG_RECORD_BYTES + 1), END),
		ROW(VMXDBG_ERROR_SIZE, CONST8(0), CONST64(~0ULL), TRACE, END),
		ROW(VMXDBG_ERROR_SIZE, CONST8(0), TRACE_QUICK(1), GOTO(2)),
		ROW(VMXDBG_ERROR_MEMORY, CONST64(UNMAPPED), REF8, TRACE_QUICK(1), END),
		ROW(VMXDBG_ERROR_BUDGET, GOTO(0)),
	};
	struct vmxdbg_event e;
	unsigned int i;
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	map_ring(&d, 65536);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		id = record(&d, AT(ten, ten_here), 0, (struct code){ rows[i].code, rows[i].len });
		REQUIRE(id > 0);
		e = resume_to(&d, WHY_BP | VMXDBG_WHY_ERROR, AT(ten, ten_here));
		CHECK_EQ(e.error, rows[i].error);
		CHECK_EQ(e.bps[0], id);
		CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	}
	CHECK_EQ(record(&d, AT(ten, ten_here), 0, CODE(ADD, END)), -EINVAL);
	CHECK_EQ(record(&d, AT(ten, ten_here), 2, (struct code){ 0 }), -EINVAL);
	dbg_finish(&d);
}

static void the_library_reads_them(void)
{
	const struct vmxdbg_record_block *block;
	const struct vmxdbg_record *rec;
	struct vmxdbg_reader reader;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(hundred), NULL);
	REQUIRE(!vmxdbg_ring_open(d.fd, 65536, &reader));
	CHECK_ERR(vmxdbg_ring_open(d.fd, 65536, &reader), EBUSY);
	CHECK(!vmxdbg_ring_next(&reader));
	CHECK(record(&d, AT(hundred, hundred_here), VMXDBG_RECORD_GENERAL,
		     CODE(CONST64(UNMAPPED), TRACE_QUICK(4), POP,
			  CONST16(0xc000), TRACE_QUICK(4), END)) > 0);
	dbg_finish(&d);
	for (i = 0; i < 100; i++) {
		rec = vmxdbg_ring_next(&reader);
		REQUIRE(rec);
		CHECK_EQ(vmxdbg_record_regs(rec)->rbx, 100 - i);
		block = vmxdbg_record_next(rec, NULL);
		CHECK_EQ(block->addr, UNMAPPED);
		block = vmxdbg_record_next(rec, block);
		CHECK_EQ(*(const u32 *)(block + 1), i);
		CHECK(!vmxdbg_record_next(rec, block));
	}
	CHECK(!vmxdbg_ring_next(&reader));
	CHECK_EQ(reader.ring->tail, reader.ring->head);
	CHECK_OK(vmxdbg_ring_close(d.fd, &reader));
}

static void a_ring_comes_and_goes(void)
{
	static const u64 bad[] = { 1, 2048, 4095, 4097, 12288, 1 << 25, ~0ULL };
	struct vmxdbg_set_ring arg = { .size = PAGE, .reserved = { 0, 0, 1 } };
	volatile struct vmxdbg_ring *ring;
	struct dbg d;
	unsigned int i;
	long id;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, d.fd, 0) == MAP_FAILED && errno == ENXIO);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(set_ring(&d, bad[i]), -EINVAL);
	CHECK_ERR(ioctl(d.fd, VMXDBG_SET_RING, &arg), EINVAL);
	CHECK_ERR(ioctl(d.fd, VMXDBG_SET_RING, bad_pointer()), EFAULT);
	CHECK_EQ(set_ring(&d, 0), 0);
	CHECK_EQ(set_ring(&d, VMXDBG_RING_MAX), 0);
	CHECK_EQ(set_ring(&d, PAGE), -EBUSY);
	CHECK_EQ(set_ring(&d, 0), 0);
	ring = map_ring(&d, PAGE);
	CHECK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, d.fd, 0) == MAP_FAILED &&
	      errno == EINVAL);
	CHECK(mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, d.fd, 0) == MAP_FAILED &&
	      errno == EINVAL);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, d.fd, 2 * PAGE) == MAP_FAILED &&
	      errno == EINVAL);
	id = record(&d, AT(ten, ten_here), 0, (struct code){ 0 });
	CHECK(id > 0);
	/* without a ring the hit is only counted, and the mapping stays */
	CHECK_EQ(ring->head, 0);
	CHECK_EQ(set_ring(&d, 0), 0);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 10);
	CHECK_EQ(ring->head, 0);
}

/* a mapping of the ring keeps its session */
static void a_mapping_keeps_the_session(void)
{
	volatile struct vmxdbg_ring *ring;
	struct dbg d;
	int again;

	dbg_start(&d, MODE_LONG, PROG(ten), NULL);
	ring = map_ring(&d, PAGE);
	CHECK(record(&d, AT(ten, ten_here), 0, (struct code){ 0 }) > 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	close(d.fd);
	vmm_wait_done(&d.vmm);
	CHECK_EQ(ring->head, 10 * sizeof(struct vmxdbg_record));
	CHECK_ERR(attach(d.dev, 0, d.vmm.id), EBUSY);
	munmap((void *)ring, 2 * PAGE);
	again = attach(d.dev, 0, d.vmm.id);
	CHECK(again >= 0);
	d.fd = again;
}

static const struct test tests[] = {
	TEST(each_hit_is_a_record),
	TEST(blocks_of_every_kind),
	TEST(blocks_of_no_bytes),
	TEST(lost_records_are_counted),
	TEST(of_several_vcpus),
	TEST(read_while_it_is_written),
	TEST(reader_that_writes_garbage),
	TEST(poll_says_that_there_is_one),
	TEST(memory_that_has_to_be_faulted_in),
	TEST(what_cannot_be_recorded_stops),
	TEST(the_library_reads_them),
	TEST(a_ring_comes_and_goes),
	TEST(a_mapping_keeps_the_session),
};

TAP_MAIN(tests)
