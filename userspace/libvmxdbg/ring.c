// SPDX-License-Identifier: MIT
/* A session: the ring of records of hits. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vmxdbg-client.h"

#define CONTROL_SIZE	4096

static int make_ring(int session, uint64_t size)
{
	struct vmxdbg_set_ring arg = { .size = size };

	return ioctl(session, VMXDBG_SET_RING, &arg);
}

int vmxdbg_ring_open(int session, uint32_t size, struct vmxdbg_reader *reader)
{
	void *map;
	int saved;

	if (make_ring(session, size) < 0)
		return -1;
	map = mmap(NULL, CONTROL_SIZE + size, PROT_READ | PROT_WRITE, MAP_SHARED, session, 0);
	if (map == MAP_FAILED) {
		saved = errno;
		make_ring(session, 0);
		errno = saved;
		return -1;
	}
	reader->ring = map;
	reader->data = (char *)map + reader->ring->data_offset;
	reader->size = size;
	reader->at = 0;
	return 0;
}

const struct vmxdbg_record *vmxdbg_ring_next(struct vmxdbg_reader *reader)
{
	const struct vmxdbg_record *record;

	for (;;) {
		__atomic_store_n(&reader->ring->tail, reader->at, __ATOMIC_RELEASE);
		if (reader->at == __atomic_load_n(&reader->ring->head, __ATOMIC_ACQUIRE))
			return NULL;
		record = (const void *)(reader->data + reader->at % reader->size);
		reader->at += record->size;
		if (!(record->flags & VMXDBG_RECORD_PAD))
			return record;
	}
}

int vmxdbg_ring_close(int session, struct vmxdbg_reader *reader)
{
	munmap(reader->ring, CONTROL_SIZE + reader->size);
	return make_ring(session, 0);
}

const struct kvm_regs *vmxdbg_record_regs(const struct vmxdbg_record *record)
{
	return record->flags & VMXDBG_RECORD_GENERAL ? (const void *)(record + 1) : NULL;
}

static size_t block_size(const struct vmxdbg_record_block *block)
{
	size_t data = block->flags & VMXDBG_BLOCK_MISSING ? 0 : block->len;

	return sizeof(*block) + (data + 7) / 8 * 8;
}

const struct vmxdbg_record_block *
vmxdbg_record_next(const struct vmxdbg_record *record,
		   const struct vmxdbg_record_block *block)
{
	const char *next = (const char *)(record + 1);

	if (block)
		next = (const char *)block + block_size(block);
	else if (record->flags & VMXDBG_RECORD_GENERAL)
		next += sizeof(struct kvm_regs);
	return next < (const char *)record + record->size ? (const void *)next : NULL;
}
