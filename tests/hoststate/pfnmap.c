// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/pfnmap: memory that a process can map, and get_user_pages() cannot access
 * (VM_PFNMAP). It has three parts of PARTS pages each, by the offset of mmap():
 *	0	RAM, mapped by mmap()
 *	PARTS	RAM, each page mapped when it is accessed
 *	2*PARTS	the text screen at 0xb8000, which has no struct page
 * A write() takes the pages of the second part away. The next access gets other pages,
 * and the write after that takes these away again. Used by tests/abi/run/run_pfnmap.c; not
 * a part of vmxdbg.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#define PARTS		4
#define SCREEN		0xb8000UL

/* Single pages, of which each has a reference: until Linux 6.12, KVM takes no others. */
static unsigned long ram[PARTS];		/* of the first part */
static unsigned long lazy[2][PARTS];		/* of the second part */
static unsigned int turn;			/* index in @lazy */

static unsigned long pfn_of(unsigned long page)
{
	return PHYS_PFN(__pa(page));
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	unsigned long nr = vmf->pgoff - PARTS;

	if (nr >= PARTS)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, pfn_of(lazy[READ_ONCE(turn)][nr]));
}

static const struct vm_operations_struct vm_ops = { .fault = fault };

static int map_one(struct vm_area_struct *vma, unsigned long nr, unsigned long pfn)
{
	return remap_pfn_range(vma, vma->vm_start + nr * PAGE_SIZE, pfn, PAGE_SIZE,
			       vma->vm_page_prot);
}

static int map_all(struct vm_area_struct *vma)
{
	unsigned long nr;
	int r = 0;

	for (nr = 0; nr < vma_pages(vma) && !r; nr++)
		r = map_one(vma, nr, pfn_of(ram[nr]));
	return r;
}

static int map(struct file *file, struct vm_area_struct *vma)
{
	if (vma_pages(vma) > PARTS || vma->vm_pgoff % PARTS || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (!vma->vm_pgoff)
		return map_all(vma);
	if (vma->vm_pgoff == PARTS) {
		vma->vm_ops = &vm_ops;
		/* This sets the flags of such a mapping, and maps the first page. */
		return map_one(vma, 0, pfn_of(lazy[turn][0]));
	}
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, PHYS_PFN(SCREEN),
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static ssize_t take_away(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	WRITE_ONCE(turn, !turn);
	unmap_mapping_range(file->f_mapping, (loff_t)PARTS << PAGE_SHIFT, PARTS << PAGE_SHIFT, 1);
	return len;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.mmap = map,
	.write = take_away,
};

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pfnmap",
	.mode = 0600,
	.fops = &fops,
};

static void free_all(void)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		free_page(ram[i]);
		free_page(lazy[0][i]);
		free_page(lazy[1][i]);
	}
}

static bool alloc_all(void)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		ram[i] = get_zeroed_page(GFP_KERNEL);
		lazy[0][i] = get_zeroed_page(GFP_KERNEL);
		lazy[1][i] = get_zeroed_page(GFP_KERNEL);
		all &= ram[i] && lazy[0][i] && lazy[1][i];
	}
	return all;
}

static int __init pfnmap_init(void)
{
	int r = alloc_all() ? misc_register(&dev) : -ENOMEM;

	if (r)
		free_all();
	return r;
}

static void __exit pfnmap_exit(void)
{
	misc_deregister(&dev);
	free_all();
}

module_init(pfnmap_init);
module_exit(pfnmap_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory without struct page, for tests of hypervisors");
