// SPDX-License-Identifier: GPL-2.0-only
/* Memory of the VMM that the host moves, swaps and splits. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostmem.h"

bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return good;
}

u8 *area(size_t size)
{
	u8 *raw = mmap(NULL, size + 2 * LARGE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	REQUIRE(raw != MAP_FAILED);
	return (u8 *)(((unsigned long)raw + 2 * LARGE_PAGE - 1) & ~(LARGE_PAGE - 1));
}

void add_slot(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size, void *mem)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (unsigned long)mem,
	};

	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
}

void swap_on(void)
{
	static u32 header[PAGE / 4];
	int fd = open("/dev/ram0", O_RDWR);
	u64 size = 0;

	if (fd < 0)
		tap_skip("no /dev/ram0 to swap to");
	CHECK_OK(ioctl(fd, BLKGETSIZE64, &size));
	header[256] = 1;			/* version */
	header[257] = size / PAGE - 1;		/* last page */
	memcpy((u8 *)header + PAGE - 10, "SWAPSPACE2", 10);
	if (swapon("/dev/ram0", 0) && errno != EBUSY &&
	    (write(fd, header, PAGE) != PAGE || fsync(fd) || swapon("/dev/ram0", 0)))
		tap_skip("no swap: %s", strerror(errno));
	close(fd);
}

unsigned int swapped(const u8 *mem, size_t size)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	unsigned int n = 0;
	size_t at;
	u64 entry;

	for (at = 0; at < size; at += PAGE) {
		REQUIRE_EQ(pread(fd, &entry, sizeof(entry),
				 (unsigned long)(mem + at) / PAGE * sizeof(entry)),
			   sizeof(entry));
		n += entry >> 62 & 1;
	}
	close(fd);
	return n;
}

bool page_out(u8 *mem, size_t size)
{
	unsigned int i;

	for (i = 0; i < 20 && !swapped(mem, size); i++)
		CHECK_OK(madvise(mem, size, MADV_PAGEOUT));
	return i < 20;
}

int missing_page(u8 *mem)
{
	struct uffdio_register reg = {
		.range = { (unsigned long)mem, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		tap_skip("no userfaultfd");
	CHECK_OK(ioctl(fd, UFFDIO_API, &api));
	CHECK_OK(ioctl(fd, UFFDIO_REGISTER, &reg));
	return fd;
}

void page_is_wanted(int uffd)
{
	struct uffd_msg msg;

	REQUIRE_EQ(read(uffd, &msg, sizeof(msg)), (long)sizeof(msg));
	REQUIRE_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
}

void supply_page(int uffd, u8 *mem)
{
	struct uffdio_zeropage zero = { .range = { (unsigned long)mem, PAGE } };

	CHECK_OK(ioctl(uffd, UFFDIO_ZEROPAGE, &zero));
}
