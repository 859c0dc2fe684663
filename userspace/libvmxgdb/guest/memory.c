// SPDX-License-Identifier: MIT
/* Guest memory as the debugger sees it. */
#include <errno.h>

#include "guest/memory.h"
#include "guest/pause.h"
#include "guest/reply.h"
#include "guest/target.h"

size_t memory_clip(uint64_t addr, uint64_t len, size_t room)
{
	if (len > room)
		len = room;
	if (len && addr + len - 1 < addr)
		len = -addr;
	return len;
}

int memory_missing(struct stub *s, uint64_t addr, int error)
{
	/* Other stubs report E14 (EFAULT), so users of gdb know it. */
	if (error == -ENXIO)
		error = -EFAULT;
	return reply_error(s, error, "no memory at 0x%llx",
			  (unsigned long long)addr);
}

static uint32_t memory_flags(const struct stub *s)
{
	return s->physical ? VMXDBG_MEM_PHYSICAL : 0;
}

static uint32_t memory_vcpu(const struct stub *s)
{
	return s->physical ? 0 : s->general;
}

ssize_t memory_read(struct stub *s, uint64_t addr, void *data, size_t len)
{
	uint32_t vcpu = memory_vcpu(s);
	bool paused = false;
	ssize_t n = s->physical ? 0 : pause_begin(s, vcpu, &paused);

	if (n < 0)
		return n;
	n = s->target->ops->read_mem(s->target, vcpu, memory_flags(s), addr, data,
				     memory_clip(addr, len, len));
	pause_end(s, vcpu, paused);
	return n;
}

static ssize_t write_some(struct stub *s, uint64_t addr, const void *data, size_t len)
{
	uint32_t vcpu = memory_vcpu(s);
	bool paused = false;
	ssize_t n = s->physical ? 0 : pause_begin(s, vcpu, &paused);

	if (n < 0)
		return n;
	n = s->target->ops->write_mem(s->target, vcpu, memory_flags(s), addr, data, len);
	pause_end(s, vcpu, paused);
	return n;
}

int memory_write(struct stub *s, uint64_t addr, const void *data, size_t len)
{
	ssize_t done;

	if (memory_clip(addr, len, len) != len)
		return memory_missing(s, 0, -EFAULT);
	if (!len)
		return 0;
	done = write_some(s, addr, data, len);
	if (done < 0)
		return memory_missing(s, addr, done);
	if ((size_t)done < len)
		return memory_missing(s, addr + done, -EFAULT);
	return 0;
}
