// SPDX-License-Identifier: MIT
/* Compiles and links if there is a Zydis that "monitor disas" can use. */
#include <Zydis/Zydis.h>

_Static_assert(ZYDIS_VERSION_MAJOR(ZYDIS_VERSION) >= 4, "Zydis 4 is needed");

int main(void)
{
	return ZydisGetVersion() == 0;
}
