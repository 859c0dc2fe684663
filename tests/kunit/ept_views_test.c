// SPDX-License-Identifier: GPL-2.0-only
/*
 * EPT tables and the step view on a VM without guest, for what no guest of the lab
 * shows: races, and tables in memory that is used again.
 */
#include <kunit/test.h>

#include "../../kmod/mmu/ept_range.c"
#include "../../kmod/mmu/ept_table.c"
#include "../../kmod/mmu/mmu_notifier.c"
#include "../../kmod/mmu/step_view.c"

#define GPA	0x40201000ULL
#define PAGE	0x7654000ULL	/* a page of the host */

/* ---- in place of the rest of the module ---- */

struct vmx_controls vmx_ctl;

/* Calls of vm_flush_tlb(), and the EPT pointers of the last one. */
static unsigned int flushes;
static u64 flushed[VIEW_COUNT];

/* There is no VMX here: INVEPT faults, and does not fail. */
void vmx_insn_failed(const char *insn, u64 operand)
{
}

void vm_flush_tlb(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VIEW_COUNT; i++)
		flushed[i] = vm->view[i].eptp;
	flushes++;
	vm->flushed = vm->zapped;
}

static struct hook *hook_of_gpa;

struct hook *hook_find(struct vm *vm, u64 gfn)
{
	return gfn == GPA >> PAGE_SHIFT ? hook_of_gpa : NULL;
}

/* ---- a VM ---- */

struct views {
	struct vm vm;
	struct vcpu vcpu;
	struct hook hook;
};

static int views_make(struct kunit *test)
{
	struct views *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);

	if (!v)
		return -ENOMEM;
	spin_lock_init(&v->vm.mmu_lock);
	mutex_init(&v->vm.lock);
	v->vcpu.vm = &v->vm;
	vmx_ctl.exec_only = true;
	vmx_ctl.invept_single = true;
	flushes = 0;
	hook_of_gpa = NULL;
	test->priv = v;
	return ept_view_prepare(&v->vm, VIEW_PLAIN) ?:
	       ept_view_prepare(&v->vm, VIEW_HOOKED) ?: step_view_prepare(&v->vcpu);
}

static void views_free(struct kunit *test)
{
	struct views *v = test->priv;

	if (!v)
		return;
	ept_cache_empty(&v->vcpu.ept_cache);
	step_view_free(&v->vcpu);
	ept_free(&v->vm);
}

/* Map @gpa in a view, as a fault does. */
static void put_leaf(struct kunit *test, enum ept_view_id view, u64 gpa, int level, u64 leaf)
{
	struct views *v = test->priv;
	struct ept_change change = { };
	u64 *entry;

	KUNIT_ASSERT_EQ(test, ept_cache_fill(&v->vcpu.ept_cache), 0);
	spin_lock(&v->vm.mmu_lock);
	entry = ept_entry(&v->vm, &v->vm.view[view], gpa, level, &v->vcpu.ept_cache,
			  &change);
	ept_set(&v->vm, entry, level, leaf, &change);
	spin_unlock(&v->vm.mmu_lock);
	ept_change_finish(&v->vm, &change);
}

static bool open_page(struct views *v, u64 prot, bool guests)
{
	bool open;

	spin_lock(&v->vm.mmu_lock);
	open = step_view_open(&v->vcpu, GPA, prot, guests);
	spin_unlock(&v->vm.mmu_lock);
	return open;
}

/* Enter on the step view: INVEPT faults without VMX, and its fault is handled. */
static void enter_step_view(struct views *v)
{
	step_view_enter(&v->vcpu);
}

/* ---- roots ---- */

/* Before the view can be used, as the page may have been the root of another VM. */
static void new_root_is_flushed_once(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;

	KUNIT_EXPECT_EQ(test, flushes, 2U);
	KUNIT_ASSERT_NE(test, vm->view[VIEW_HOOKED].eptp, 0ULL);
	KUNIT_EXPECT_EQ(test, flushed[VIEW_HOOKED], vm->view[VIEW_HOOKED].eptp);
	KUNIT_EXPECT_EQ(test, ept_view_prepare(vm, VIEW_HOOKED), 0);
	KUNIT_EXPECT_EQ(test, flushes, 2U);
}

/* ---- long ranges ---- */

#define TIB	BIT_ULL(40)

static unsigned int in_section, seen;

static bool count_leaf(struct vm *vm, u64 *entry, int level)
{
	in_section++;
	seen++;
	return true;
}

static void put_pages(struct kunit *test, u64 gpa, unsigned int nr)
{
	for (; nr; nr--, gpa += PAGE_SIZE)
		put_leaf(test, VIEW_PLAIN, gpa, 1, ept_make_leaf(PAGE, 1, EPT_RWX));
}

static void long_walk_pauses_and_misses_nothing(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;
	struct range_walk w = { vm, .leaf = count_leaf, .at = PAGE_SIZE, .end = TIB };
	unsigned int sections = 0;
	bool done;

	/* The first and the last page are outside of the range. */
	put_pages(test, 0, 3 * RANGE_BATCH + 1);
	put_pages(test, TIB - 2 * PAGE_SIZE, 3);
	seen = 0;
	do {
		in_section = 0;
		w.left = RANGE_BATCH;
		spin_lock(&vm->mmu_lock);
		done = walk_table(&w, vm->view[VIEW_PLAIN].root, EPT_LEVELS, 0);
		spin_unlock(&vm->mmu_lock);
		KUNIT_EXPECT_LE(test, in_section, RANGE_BATCH);
		sections++;
	} while (!done && sections < 20);
	KUNIT_EXPECT_EQ(test, seen, 3 * RANGE_BATCH + 2);
	/* Most of the TiB is not mapped: only the entries of the five other tables count. */
	KUNIT_EXPECT_GE(test, sections, 3U);
	KUNIT_EXPECT_LE(test, sections, 4U + DIV_ROUND_UP(5 * EPT_ENTRIES, RANGE_BATCH));
}

static void long_zap_ends_with_the_address_space(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;

	put_pages(test, GPA, 2 * RANGE_BATCH);
	put_pages(test, BIT_ULL(48) - 600 * PAGE_SIZE, 600);
	KUNIT_EXPECT_TRUE(test, ept_write_protect_long(vm, 0, BIT_ULL(48), true));
	KUNIT_EXPECT_FALSE(test, ept_write_protect_long(vm, 0, BIT_ULL(48), true));
	KUNIT_EXPECT_TRUE(test, ept_zap_long(vm, 0, BIT_ULL(48), false));
	KUNIT_EXPECT_EQ(test, vm->pages[1], 0UL);
	KUNIT_EXPECT_FALSE(test, ept_zap_long(vm, 0, BIT_ULL(48), true));
}

static void long_age_pauses_and_misses_nothing(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;

	put_pages(test, GPA, 2 * RANGE_BATCH);
	put_pages(test, BIT_ULL(48) - 600 * PAGE_SIZE, 600);
	KUNIT_EXPECT_TRUE(test, ept_age_long(vm, 0, BIT_ULL(48)));
	KUNIT_EXPECT_FALSE(test, ept_age_long(vm, 0, BIT_ULL(48)));
	spin_lock(&vm->mmu_lock);
	KUNIT_EXPECT_FALSE(test, ept_young(vm, 0, BIT_ULL(48)));
	spin_unlock(&vm->mmu_lock);
}

/* ---- old pages ---- */

#define LEAF_RX	ept_make_leaf(PAGE, 1, EPT_R | EPT_X)
#define LEAF_RWX	ept_make_leaf(PAGE, 1, EPT_RWX | EPT_HOST_W)

/* Call a function of ept_range.h for the page at GPA. */
#define AT_GPA(vm, fn) ({						\
	bool _r;							\
									\
	spin_lock(&(vm)->mmu_lock);					\
	_r = fn(vm, GPA, GPA + PAGE_SIZE);				\
	spin_unlock(&(vm)->mmu_lock);					\
	_r;								\
})

static void page_is_old_until_it_is_mapped_again(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;
	unsigned int before = flushes;
	int level;

	KUNIT_EXPECT_FALSE(test, AT_GPA(vm, ept_young));
	KUNIT_EXPECT_FALSE(test, ept_age_long(vm, GPA, GPA + PAGE_SIZE));
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
	KUNIT_EXPECT_TRUE(test, AT_GPA(vm, ept_young));
	KUNIT_EXPECT_TRUE(test, ept_age_long(vm, GPA, GPA + PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, AT_GPA(vm, ept_young));
	KUNIT_EXPECT_FALSE(test, ept_age_long(vm, GPA, GPA + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, ept_find(vm, VIEW_PLAIN, GPA, &level), 0ULL);
	KUNIT_EXPECT_EQ(test, ept_peek(vm, VIEW_PLAIN, GPA, &level),
			(LEAF_RWX & ~EPT_RWX) | EPT_HELD | EPT_OLD);
	KUNIT_EXPECT_EQ(test, level, 1);
	KUNIT_EXPECT_EQ(test, ept_peek(vm, VIEW_HOOKED, GPA, &level), 0ULL);
	KUNIT_EXPECT_EQ(test, vm->pages[1], 1UL);
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
	KUNIT_EXPECT_TRUE(test, AT_GPA(vm, ept_young));
	KUNIT_EXPECT_EQ(test, ept_find(vm, VIEW_PLAIN, GPA, &level), LEAF_RWX);
	KUNIT_EXPECT_EQ(test, vm->pages[1], 1UL);
	KUNIT_EXPECT_EQ(test, flushes, before);
}

static bool ept_notice(struct vm *vm, u64 start, u64 end)
{
	return ept_notice_writes(vm, start);
}

/* Nobody has flushed when the page became old, so it may still be written. */
static void old_page_asks_for_the_flush_later(struct kunit *test)
{
	bool (*fn[])(struct vm *vm, u64 start, u64 end) = {
		ept_zap, ept_write_protect, ept_notice,
	};
	struct vm *vm = &((struct views *)test->priv)->vm;
	unsigned int i, before;

	for (i = 0; i < ARRAY_SIZE(fn); i++) {
		put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
		KUNIT_EXPECT_TRUE(test, ept_age_long(vm, GPA, GPA + PAGE_SIZE));
		KUNIT_EXPECT_TRUE_MSG(test, AT_GPA(vm, fn[i]), "function %u", i);
		KUNIT_EXPECT_FALSE_MSG(test, AT_GPA(vm, fn[i]), "function %u", i);
	}
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
	KUNIT_EXPECT_TRUE(test, ept_age_long(vm, GPA, GPA + PAGE_SIZE));
	before = flushes;
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RX);
	KUNIT_EXPECT_EQ(test, flushes, before + 1);
}

/* ---- the host takes pages back ---- */

#define HVA	0x7f0000200000ULL

static const struct memslot a_slot = { .gpa = GPA, .size = 16 * PAGE_SIZE, .hva = HVA };

/* The host gives the VMM's first page of the slot to others. */
static void page_goes(struct vm *vm)
{
	invalidate(vm, HVA, HVA + PAGE_SIZE, true);
	vm->mmu_invalidating--;
}

static void use_slots(struct kunit *test, unsigned int nr)
{
	struct vm *vm = &((struct views *)test->priv)->vm;
	struct memslots *slots = kunit_kzalloc(test, struct_size(slots, slot, 1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slots);
	slots->nr = nr;
	slots->slot[0] = a_slot;
	RCU_INIT_POINTER(vm->slots, slots);
}

/* A processor may write the page until the flush of whoever has zapped its leaf. */
static void page_that_another_has_zapped_is_flushed(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;
	unsigned int before = flushes;

	use_slots(test, 1);
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
	KUNIT_EXPECT_TRUE(test, AT_GPA(vm, ept_zap));
	page_goes(vm);
	KUNIT_EXPECT_EQ(test, flushes, before + 1);
	/* Nothing is mapped, and nobody owes a flush. */
	page_goes(vm);
	KUNIT_EXPECT_EQ(test, flushes, before + 1);
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
	page_goes(vm);
	KUNIT_EXPECT_EQ(test, flushes, before + 2);
}

/* The slot is not in the list any more, but its leaves are in the tables. */
static void page_of_a_slot_that_leaves_is_zapped(struct kunit *test)
{
	struct vm *vm = &((struct views *)test->priv)->vm;
	unsigned int before = flushes;
	int level;

	use_slots(test, 0);
	put_leaf(test, VIEW_PLAIN, GPA, 1, LEAF_RWX);
	put_leaf(test, VIEW_PLAIN, GPA + PAGE_SIZE, 1, LEAF_RWX);
	vm->leaving = a_slot;
	page_goes(vm);
	KUNIT_EXPECT_EQ(test, ept_find(vm, VIEW_PLAIN, GPA, &level), 0ULL);
	KUNIT_EXPECT_EQ(test, ept_find(vm, VIEW_PLAIN, GPA + PAGE_SIZE, &level), LEAF_RWX);
	KUNIT_EXPECT_EQ(test, flushes, before + 1);
}

/* ---- the step view ---- */

/* Let the hooked view execute the copy at GPA, and the step view have entered with it. */
static struct views *with_copy(struct kunit *test)
{
	struct views *v = test->priv;

	v->hook.copy = __va(PAGE);
	v->hook.page = pfn_to_page(PHYS_PFN(PAGE) + 1);
	hook_of_gpa = &v->hook;
	put_leaf(test, VIEW_HOOKED, GPA, 1, ept_make_leaf(PAGE, 1, EPT_X | EPT_HOST_W));
	enter_step_view(v);
	KUNIT_EXPECT_FALSE(test, v->vcpu.step_view.invept);
	return v;
}

static void page_in_place_of_the_copy_is_flushed(struct kunit *test)
{
	struct views *v = with_copy(test);
	struct step_view *sv = &v->vcpu.step_view;

	KUNIT_ASSERT_TRUE(test, open_page(v, EPT_X, true));
	KUNIT_EXPECT_EQ(test, *sv->open[0].entry & EPT_ADDR, PAGE + PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, sv->invept);
}

static void page_opened_for_more_is_flushed_if_it_moves(struct kunit *test)
{
	struct views *v = with_copy(test);
	struct step_view *sv = &v->vcpu.step_view;

	/* Executed from the copy, then read, for which the guest's page is needed. */
	KUNIT_ASSERT_TRUE(test, open_page(v, EPT_X, false));
	KUNIT_EXPECT_FALSE(test, sv->invept);
	enter_step_view(v);
	KUNIT_ASSERT_TRUE(test, open_page(v, EPT_R, false));
	KUNIT_EXPECT_TRUE(test, sv->invept);
	enter_step_view(v);
	/* A permission is added: the fault has dropped the old entry. */
	KUNIT_ASSERT_TRUE(test, open_page(v, EPT_W, false));
	KUNIT_EXPECT_FALSE(test, sv->invept);
}

/*
 * Another vCPU maps a large page in place of a table that the step view points to. This
 * one has not flushed yet: it handles an exit.
 */
static void freed_tables_are_not_read(struct kunit *test)
{
	struct views *v = test->priv;
	struct step_view *sv = &v->vcpu.step_view;
	u64 large = ept_make_leaf(PAGE & ~0x1fffffULL, 2, EPT_R | EPT_X | EPT_HOST_W);

	put_leaf(test, VIEW_HOOKED, GPA, 1, ept_make_leaf(PAGE, 1, EPT_R | EPT_HOST_W));
	enter_step_view(v);
	put_leaf(test, VIEW_HOOKED, GPA, 2, large);
	KUNIT_ASSERT_TRUE(test, open_page(v, EPT_W, false));
	KUNIT_EXPECT_EQ(test, *sv->open[0].entry & EPT_ADDR,
			(large & EPT_ADDR) | (GPA & 0x1ff000ULL));
	KUNIT_EXPECT_TRUE(test, sv->invept);
}

static struct kunit_case ept_views_cases[] = {
	KUNIT_CASE(new_root_is_flushed_once),
	KUNIT_CASE(long_walk_pauses_and_misses_nothing),
	KUNIT_CASE(long_zap_ends_with_the_address_space),
	KUNIT_CASE(long_age_pauses_and_misses_nothing),
	KUNIT_CASE(page_is_old_until_it_is_mapped_again),
	KUNIT_CASE(old_page_asks_for_the_flush_later),
	KUNIT_CASE(page_that_another_has_zapped_is_flushed),
	KUNIT_CASE(page_of_a_slot_that_leaves_is_zapped),
	KUNIT_CASE(page_in_place_of_the_copy_is_flushed),
	KUNIT_CASE(page_opened_for_more_is_flushed_if_it_moves),
	KUNIT_CASE(freed_tables_are_not_read),
	{}
};

static struct kunit_suite ept_views_suite = {
	.name = "vmxdbg-ept-views",
	.init = views_make,
	.exit = views_free,
	.test_cases = ept_views_cases,
};

kunit_test_suite(ept_views_suite);
