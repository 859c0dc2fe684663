// SPDX-License-Identifier: GPL-2.0-only
/* Translate, read and write linear addresses with the guest's current page tables. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>

#include "lib/walk.h"
#include "mmu/gpa.h"
#include "mmu/memslot.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vcpu/walk_memo.h"
#include "vm.h"
#include "vmxdbg.h"

#define FEW_BYTES	64	/* more are faster with a general copy */

static int read_table(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct vm *vm = ((struct vcpu *)ctx)->vm;
	u64 __user *entry;

	if (len == sizeof(u64) && current->mm == vm->mm) {
		entry = memslot_user(vm, gpa);
		return entry && !get_user(*(u64 *)buf, entry) ? 0 : -ENXIO;
	}
	return gpa_read(vm, gpa, buf, len) == len ? 0 : -ENXIO;
}

/* ---- the common walk ---- */

#define TOP_SHIFT	39	/* index of the level 4 table */

/* Return: bits that need guest_walk() if an entry of any level has one set. */
static __always_inline u64 unusual_bits(const struct walk_mode *mode)
{
	u64 bits = mode->efer & EFER_NX ? 0 : PTE_NX;

	return mode->maxphyaddr < 52 ? bits | GENMASK_ULL(51, mode->maxphyaddr) : bits;
}

/*
 * Always inline: no function may be called between user_read_access_begin() and
 * _end().
 */
static __always_inline bool walk_slot(const struct walk_mode *mode,
				      const struct memslot *slot, u64 gva,
				      struct walk_result *res)
{
	u64 table = mode->cr3 & PTE_ADDR, all = PTE_WRITE | PTE_USER;
	u64 unusual = unusual_bits(mode), entry, nx = 0;
	unsigned int shift = TOP_SHIFT;
	u64 __user *user;

	for (;;) {
		if (table - slot->gpa >= slot->size)
			return false;
		user = (u64 __user *)(unsigned long)(slot->hva + table - slot->gpa);
		unsafe_get_user(entry, user + (gva >> shift & 511), failed);
		if (!(entry & PTE_PRESENT) || (entry & unusual))
			return false;
		all &= entry;
		nx |= entry;
		table = entry & PTE_ADDR;
		if (shift == PAGE_SHIFT || (entry & PTE_PS))
			break;
		shift -= 9;
	}
	res->page_size = 1ULL << shift;
	/* leave reserved bits and a leaf at level 4 to guest_walk() */
	if (shift == TOP_SHIFT || (table & (res->page_size - 1) & ~BIT_ULL(12)))
		return false;
	res->gpa = (table & ~(res->page_size - 1)) | (gva & (res->page_size - 1));
	res->writable = all & PTE_WRITE;
	res->user = all & PTE_USER;
	res->executable = !(nx & PTE_NX);
	return true;
failed:
	return false;
}

/*
 * A walk of four levels whose tables are present, in one slot, and hold no unusual
 * bits. Return: false if guest_walk() has to do it.
 */
static bool walk_quickly(struct vm *vm, const struct walk_mode *mode, u64 gva,
			 struct walk_result *res)
{
	struct memslot slot;
	bool found = false;

	if (!(mode->efer & EFER_LMA) || (mode->cr4 & X86_CR4_LA57) ||
	    !__is_canonical_address(gva, VADDR_BITS) || current->mm != vm->mm ||
	    !memslot_find(vm, mode->cr3 & PTE_ADDR, &slot))
		return false;
	pagefault_disable();
	if (user_read_access_begin((void __user *)(unsigned long)slot.hva, slot.size)) {
		found = walk_slot(mode, &slot, gva, res);
		user_read_access_end();
	}
	pagefault_enable();
	return found;
}

int vcpu_translate(struct vcpu *vcpu, u64 gva, u64 *gpa, struct vmxdbg_translate *t)
{
	struct walk_result res;
	struct walk_mode mode;

	vcpu_walk_mode(vcpu, &mode);
	if (!walk_quickly(vcpu->vm, &mode, gva, &res) &&
	    guest_walk(&mode, gva, 0, read_table, vcpu, &res))
		return -ENXIO;
	*gpa = res.gpa;
	if (!t)
		return 0;
	t->gpa = res.gpa;
	t->page_size = res.page_size;
	t->flags = 0;
	if (res.writable)
		t->flags |= VMXDBG_PAGE_WRITE;
	if (res.user)
		t->flags |= VMXDBG_PAGE_USER;
	if (res.executable)
		t->flags |= VMXDBG_PAGE_EXEC;
	return 0;
}

/* ---- memos of earlier walks ---- */

static bool memo_holds(const struct walk_memo *m)
{
	bool holds = false;

	pagefault_disable();
	if (user_read_access_begin(m->entry[0], sizeof(u64))) {
		holds = unsafe_walk_holds(m);
		user_read_access_end();
	}
	pagefault_enable();
	return holds;
}

static bool translate_by_memo(struct vcpu *vcpu, u64 gva, u64 *gpa)
{
	struct walk_memo *m = walk_memo_for(vcpu, gva);

	if (!(walk_memo_is_of(vcpu, m, gva) && memo_holds(m)) && !walk_memo_fill(vcpu, m, gva))
		return false;
	*gpa = m->gpa | offset_in_page(gva);
	return true;
}

int vcpu_translate_again(struct vcpu *vcpu, u64 gva, u64 *gpa)
{
	return translate_by_memo(vcpu, gva, gpa) ? 0 : vcpu_translate(vcpu, gva, gpa, NULL);
}

/* ---- read and write ---- */

struct nofault {
	struct vm *vm;
	unsigned long *missing;
};

static int read_table_nofault(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct nofault *nf = ctx;

	return gpa_read_nofault(nf->vm, gpa, buf, len, nf->missing);
}

static int translate_nofault(struct vcpu *vcpu, u64 gva, u64 *gpa, unsigned long *missing)
{
	struct nofault nf = { vcpu->vm, missing };
	struct walk_result res;
	struct walk_mode mode;
	bool known;
	int r;

	pagefault_disable();
	known = translate_by_memo(vcpu, gva, gpa);
	pagefault_enable();
	if (known)
		return 0;
	vcpu_walk_mode(vcpu, &mode);
	r = guest_walk(&mode, gva, 0, read_table_nofault, &nf, &res);
	if (r)
		return r == -EAGAIN ? r : -ENXIO;
	*gpa = res.gpa;
	return 0;
}

static __always_inline bool unsafe_read(void *buf, const u8 __user *user, size_t len)
{
	for (; len >= sizeof(u64); len -= sizeof(u64)) {
		unsafe_get_user(*(u64 *)buf, (u64 __user *)user, failed);
		buf += sizeof(u64);
		user += sizeof(u64);
	}
	for (; len; len--)
		unsafe_get_user(*(u8 *)buf++, user++, failed);
	return true;
failed:
	return false;
}

/*
 * Read a few bytes with the memo of an earlier walk. Return: false if a walk is
 * needed.
 */
static bool read_by_memo(struct vcpu *vcpu, u64 gva, void *buf, size_t len)
{
	const struct walk_memo *m = walk_memo_for(vcpu, gva);
	bool done = false;

	if (offset_in_page(gva) + len > PAGE_SIZE || !walk_memo_is_of(vcpu, m, gva))
		return false;
	pagefault_disable();
	if (m->user && user_read_access_begin(m->user, PAGE_SIZE)) {
		done = unsafe_walk_holds(m) &&
		       unsafe_read(buf, m->user + offset_in_page(gva), len);
		user_read_access_end();
	}
	pagefault_enable();
	return done;
}

int gva_read_nofault(struct vcpu *vcpu, u64 gva, void *buf, size_t len,
		     unsigned long *missing)
{
	size_t n;
	u64 gpa;
	int r;

	if (len <= FEW_BYTES && read_by_memo(vcpu, gva, buf, len))
		return 0;
	for (; len; len -= n, gva += n, buf += n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(gva));
		r = translate_nofault(vcpu, gva, &gpa, missing);
		if (!r)
			r = gpa_read_nofault(vcpu->vm, gpa, buf, n, missing);
		if (r)
			return r;
	}
	return 0;
}

/* Adjacent linear pages need not be adjacent in physical memory. */
size_t gva_read(struct vcpu *vcpu, u64 gva, void *buf, size_t len)
{
	size_t done = 0, part, got;
	u64 gpa;

	while (done < len) {
		part = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(gva));
		if (vcpu_translate(vcpu, gva, &gpa, NULL))
			break;
		got = gpa_read(vcpu->vm, gpa, buf + done, part);
		done += got;
		gva += got;
		if (got < part)
			break;
	}
	return done;
}

size_t gva_write(struct vcpu *vcpu, u64 gva, const void *buf, size_t len)
{
	size_t done = 0, part, got;
	u64 gpa;

	while (done < len) {
		part = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(gva));
		if (vcpu_translate(vcpu, gva, &gpa, NULL))
			break;
		got = gpa_write(vcpu->vm, gpa, buf + done, part);
		done += got;
		gva += got;
		if (got < part)
			break;
	}
	return done;
}

/* Set the flags as a processor does. Return: 0, or -EAGAIN if an entry changed. */
static int set_accessed(struct vcpu *vcpu, const struct walk_result *res, bool write)
{
	unsigned int i;
	int r = 0;

	for (i = 0; i < res->entries && r != -EAGAIN; i++) {
		u64 bits = WALK_ACCESSED;

		if (write && i == res->entries - 1)
			bits |= WALK_DIRTY;
		/* Tables in read-only memory stay unchanged. */
		if ((res->entry[i] & bits) != bits)
			r = gpa_set_bits(vcpu->vm, res->entry_gpa[i], res->entry[i],
					 bits, res->entry_size);
	}
	return r == -EAGAIN ? r : 0;
}

int gva_access_check(struct vcpu *vcpu, u64 gva, u32 walk_access, u64 *gpa)
{
	struct walk_result res;
	struct walk_mode mode;
	int r;

	vcpu_walk_mode(vcpu, &mode);
	if (!(mode.efer & EFER_LMA)) {
		gva = (u32)gva;
	} else if (!__is_canonical_address(gva, VADDR_BITS)) {
		vcpu_raise_gp0(vcpu);
		return -EFAULT;
	}
	walk_access |= WALK_CHECK;
	if (vcpu_cpl(vcpu) == 3)
		walk_access |= WALK_USER;
	do {
		r = guest_walk(&mode, gva, walk_access, read_table, vcpu, &res);
		if (!r)
			r = set_accessed(vcpu, &res, walk_access & WALK_WRITE);
	} while (r == -EAGAIN && !fatal_signal_pending(current));
	if (r == -EFAULT)
		vcpu_raise_pf(vcpu, gva, res.error_code);
	else if (!r)
		*gpa = res.gpa;
	return r;
}
