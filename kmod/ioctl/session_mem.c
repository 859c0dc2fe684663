// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes of guest memory by the debugger, page by page through a buffer. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "debug/session_object.h"
#include "debug/stop.h"
#include "ioctl/session_mem.h"
#include "mmu/gpa.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vm.h"
#include "vmxdbg.h"

static int mem_check(const struct vmxdbg_mem *mem)
{
	bool physical = mem->flags & VMXDBG_MEM_PHYSICAL;

	if ((mem->flags & ~VMXDBG_MEM_PHYSICAL) || (physical && mem->vcpu) ||
	    mem->len > VMXDBG_MEM_MAX) {
		pr_debug_ratelimited("memory: flags %#x, vCPU %u, %llu bytes at %#llx\n",
				     mem->flags, mem->vcpu, mem->len, mem->addr);
		return -EINVAL;
	}
	return 0;
}

/* @vcpu: NULL for a gpa. The only user memory accessed here is the VMM's. */
static int mem_transfer(struct vm *vm, struct vcpu *vcpu, u64 addr, void *page,
			size_t len, bool write, size_t *got)
{
	int r;

	if (!vcpu) {
		*got = write ? gpa_write(vm, addr, page, len) :
			       gpa_read(vm, addr, page, len);
		return 0;
	}
	r = stop_lock(vcpu);
	if (r)
		return r;
	*got = write ? gva_write(vcpu, addr, page, len) :
		       gva_read(vcpu, addr, page, len);
	stop_unlock(vcpu);
	return 0;
}

/* Transfer up to the end of a page. Return: 1: go on; 0: no memory follows; or an errno. */
static int one_page(struct session *s, struct vcpu *vcpu, struct vmxdbg_mem *mem,
		    void *page, bool write)
{
	u64 addr = mem->addr + mem->done;
	size_t len = min_t(u64, mem->len - mem->done, PAGE_SIZE - offset_in_page(addr));
	void __user *user = u64_to_user_ptr(mem->buf + mem->done);
	size_t got = 0;
	int r;

	if (write && copy_from_user(page, user, len))
		return -EFAULT;
	r = mem_transfer(s->vm, vcpu, addr, page, len, write, &got);
	if (r)
		return r;
	if (!write && copy_to_user(user, page, got))
		return -EFAULT;
	mem->done += got;
	return got == len;
}

static int all_pages(struct session *s, struct vcpu *vcpu, struct vmxdbg_mem *mem,
		     void *page, bool write)
{
	int r = 1;

	while (r > 0 && mem->done < mem->len) {
		if (fatal_signal_pending(current))
			return -EINTR;
		r = one_page(s, vcpu, mem, page, write);
		cond_resched();
	}
	if (r < 0)
		return r;
	return mem->len && !mem->done ? -ENXIO : 0;
}

/* Without a byte to transfer, the vCPU must still exist and be stopped. */
static int probe(struct vcpu *vcpu)
{
	int r = stop_lock(vcpu);

	if (!r)
		stop_unlock(vcpu);
	return r;
}

int session_mem(struct session *s, struct vmxdbg_mem *mem, bool write)
{
	struct vcpu *vcpu = NULL;
	void *page;
	int r;

	mem->done = 0;
	r = mem_check(mem);
	if (r)
		return r;
	if (!(mem->flags & VMXDBG_MEM_PHYSICAL)) {
		vcpu = vm_vcpu(s->vm, mem->vcpu);
		if (!vcpu)
			return -ENOENT;
		r = probe(vcpu);
		if (r)
			return r;
	}
	if (!mem->len)
		return 0;
	/* The address space ends here, which is an end of memory as any other. */
	if (mem->len > -mem->addr && mem->addr)
		mem->len = -mem->addr;
	page = (void *)__get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	r = all_pages(s, vcpu, mem, page, write);
	free_page((unsigned long)page);
	return r;
}
