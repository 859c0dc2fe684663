// SPDX-License-Identifier: MIT
#include "monitor/page_text.h"

void page_put_size(struct buf *out, uint64_t size)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int unit = 0;

	if (!size) {
		buf_puts(out, "16 EiB");
		return;
	}
	for (; unit < 6 && size % 1024 == 0; unit++)
		size /= 1024;
	buf_printf(out, "%llu %s", (unsigned long long)size, units[unit]);
}
