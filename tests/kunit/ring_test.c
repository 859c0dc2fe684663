// SPDX-License-Identifier: GPL-2.0-only
/* The ring of records, with good and bad consumers. */
#include <kunit/test.h>

#include "../../kmod/lib/ring.c"

#define SIZE	4096U

/* Put a record of @size bytes. Return: its offset in the data, -1 if it was lost. */
static int put(struct ring *ring, u32 size, u32 id)
{
	struct vmxdbg_record *rec;

	spin_lock(&ring->lock);
	rec = ring_begin(ring, size);
	if (rec) {
		*rec = (struct vmxdbg_record){ .size = size, .id = id };
		ring_commit(ring, size);
	}
	spin_unlock(&ring->lock);
	return rec ? (u8 *)rec - ring->data : -1;
}

static struct ring *new_ring(struct kunit *test)
{
	struct ring *ring = ring_alloc(SIZE);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ring);
	KUNIT_EXPECT_EQ(test, ring->control->size, (u64)SIZE);
	KUNIT_EXPECT_EQ(test, ring->control->data_offset, (u64)PAGE_SIZE);
	return ring;
}

static void a_full_ring_counts_what_it_loses(struct kunit *test)
{
	struct ring *ring = new_ring(test);
	struct vmxdbg_ring *control = ring->control;
	int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, put(ring, 1024, i), 1024 * i);
	KUNIT_EXPECT_EQ(test, control->head, (u64)SIZE);
	KUNIT_EXPECT_EQ(test, put(ring, 32, 4), -1);
	KUNIT_EXPECT_EQ(test, put(ring, 8192, 4), -1);
	KUNIT_EXPECT_EQ(test, control->lost, 2ULL);
	KUNIT_EXPECT_EQ(test, control->head, (u64)SIZE);
	control->tail = 1024;
	KUNIT_EXPECT_EQ(test, put(ring, 1024, 5), 0);
	KUNIT_EXPECT_EQ(test, put(ring, 8, 6), -1);
	KUNIT_EXPECT_EQ(test, control->lost, 3ULL);
	ring_free(ring);
}

static void records_are_in_one_piece(struct kunit *test)
{
	struct ring *ring = new_ring(test);
	struct vmxdbg_record *pad;
	int left;

	/* @left: even 8 bytes, less than a record, have room for the padding */
	for (left = 8; left <= 96; left += 8) {
		ring->head = ALIGN(ring->head, SIZE) + SIZE - left;
		ring->control->tail = ring->head;
		KUNIT_EXPECT_EQ(test, put(ring, 104, 7), 0);
		pad = (struct vmxdbg_record *)(ring->data + SIZE - left);
		KUNIT_EXPECT_EQ(test, pad->size, (u32)left);
		KUNIT_EXPECT_EQ(test, pad->flags, VMXDBG_RECORD_PAD);
		KUNIT_EXPECT_EQ(test, ring->control->head, ring->control->tail + left + 104);
	}
	/* the rest is used if the record fits */
	ring->head = ALIGN(ring->head, SIZE) + SIZE - 104;
	ring->control->tail = ring->head;
	KUNIT_EXPECT_EQ(test, put(ring, 104, 8), (int)SIZE - 104);
	/* the padding must be free, too */
	ring->head = ALIGN(ring->head, SIZE) + SIZE - 104;
	ring->control->tail = ring->head;
	KUNIT_EXPECT_EQ(test, put(ring, SIZE, 9), -1);
	KUNIT_EXPECT_EQ(test, ring->control->lost, 1ULL);
	ring_free(ring);
}

static void less_than_asked_for_may_be_used(struct kunit *test)
{
	struct ring *ring = new_ring(test);

	spin_lock(&ring->lock);
	KUNIT_EXPECT_PTR_EQ(test, ring_begin(ring, 512), (void *)ring->data);
	ring_commit(ring, 64);
	KUNIT_EXPECT_EQ(test, ring->control->head, 64ULL);
	KUNIT_EXPECT_PTR_EQ(test, ring_begin(ring, 512), (void *)(ring->data + 64));
	spin_unlock(&ring->lock);
	KUNIT_EXPECT_EQ(test, ring->control->head, 64ULL);
	KUNIT_EXPECT_EQ(test, put(ring, 32, 1), 64);
	KUNIT_EXPECT_EQ(test, ring->control->lost, 0ULL);
	ring_free(ring);
}

/* The consumer can write anything to its page: records stay inside the ring. */
static void a_lying_consumer_loses_only_records(struct kunit *test)
{
	static const u64 lies[] = {
		0, 1, 7, 4095, 4096, 4097, 1ULL << 32, 1ULL << 63, ~0ULL, ~0ULL - 4095,
	};
	struct ring *ring = new_ring(test);
	u64 head = 0, lost = 0;
	unsigned int i, j;

	for (j = 0; j < 1000; j++) {
		for (i = 0; i < ARRAY_SIZE(lies); i++) {
			u32 size = 32 + (i * 13 + j) % 64 * 8;
			int at;

			memset(ring->control, 0xa5, sizeof(*ring->control));
			ring->control->tail = lies[i] + (j % 3 ? ring->head : 0);
			at = put(ring, size, i);
			if (at < 0) {
				KUNIT_EXPECT_EQ(test, ring->control->lost, ++lost);
				KUNIT_EXPECT_EQ(test, ring->head, head);
				continue;
			}
			KUNIT_EXPECT_LE(test, at + size, SIZE);
			KUNIT_EXPECT_EQ(test, at % 8, 0);
			KUNIT_EXPECT_LT(test, ring->head - head, (u64)SIZE + size);
			head = ring->head;
			KUNIT_EXPECT_EQ(test, ring->control->head, head);
		}
	}
	KUNIT_EXPECT_GT(test, lost, 0ULL);
	KUNIT_EXPECT_GT(test, head, 10ULL * SIZE);
	ring_free(ring);
}

static bool put_wakes(struct ring *ring)
{
	u64 old = ring->head;

	return put(ring, 256, 1) >= 0 && ring_wants_wakeup(ring, old);
}

static void the_consumer_is_woken_twice_at_most(struct kunit *test)
{
	struct ring *ring = new_ring(test);
	unsigned int i;

	for (i = 0; i < SIZE / 256; i++) {
		bool wanted = i == 0 || (i + 1) * 256 == SIZE / 2;

		KUNIT_EXPECT_EQ(test, ring_empty(ring), i == 0);
		KUNIT_EXPECT_EQ_MSG(test, put_wakes(ring), wanted, "record %u", i);
	}
	KUNIT_EXPECT_FALSE(test, put_wakes(ring));
	ring->control->tail = ring->head;
	KUNIT_EXPECT_TRUE(test, ring_empty(ring));
	KUNIT_EXPECT_TRUE(test, put_wakes(ring));
	ring_free(ring);
}

static void a_mapping_ends_with_the_data(struct kunit *test)
{
	struct ring *ring = new_ring(test);

	KUNIT_EXPECT_PTR_EQ(test, ring_at(ring, 0), (void *)ring->control);
	KUNIT_EXPECT_PTR_EQ(test, ring_at(ring, PAGE_SIZE), (void *)ring->data);
	KUNIT_EXPECT_PTR_EQ(test, ring_at(ring, PAGE_SIZE + SIZE), NULL);
	KUNIT_EXPECT_PTR_EQ(test, ring_at(ring, ~0ULL), NULL);
	ring_free(ring);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(a_full_ring_counts_what_it_loses),
	KUNIT_CASE(records_are_in_one_piece),
	KUNIT_CASE(less_than_asked_for_may_be_used),
	KUNIT_CASE(a_lying_consumer_loses_only_records),
	KUNIT_CASE(the_consumer_is_woken_twice_at_most),
	KUNIT_CASE(a_mapping_ends_with_the_data),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "vmxdbg-ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
