/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library's <errno.h> comes here too: this has to be what it expects. */
#include <asm/errno.h>
