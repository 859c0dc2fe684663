/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of the daemon. */
#ifndef VMXDBGD_LOG_H
#define VMXDBGD_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,	/* the default */
	LOG_DEBUG,
	LOG_PACKETS,
};

/* Return: false if there is no level with this name. */
bool log_level_find(const char *name, enum log_level *level);

/**
 * log_open() - choose which messages are printed, and where
 * @level: the least important ones
 * @path: file to which they are appended; NULL: standard error
 *
 * Return: 0, or -1 with errno set.
 */
int log_open(enum log_level level, const char *path);

/* Return: whether messages of this level are printed. */
bool log_wants(enum log_level level);

/* Print a line. On standard error "vmxdbgd: " is in front of it, in a file time and level. */
void log_say(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* VMXDBGD_LOG_H */
