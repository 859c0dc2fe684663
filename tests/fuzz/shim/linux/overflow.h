/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_OVERFLOW_H
#define SHIM_LINUX_OVERFLOW_H

#define struct_size(p, member, count)	(sizeof(*(p)) + (count) * sizeof(*(p)->member))

#endif
