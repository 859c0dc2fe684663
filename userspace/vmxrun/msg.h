/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of vmxrun on stderr. */
#ifndef VMXRUN_MSG_H
#define VMXRUN_MSG_H

void msg(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
