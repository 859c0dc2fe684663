// SPDX-License-Identifier: GPL-2.0-only
/* Messages of the daemon. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"

static const char * const names[] = {
	[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info",
	[LOG_DEBUG] = "debug", [LOG_PACKETS] = "packets",
};

#define NR_LEVELS	(sizeof(names) / sizeof(*names))

/* One for the process, as standard error is. */
static enum log_level limit = LOG_INFO;
static FILE *file;

bool log_level_find(const char *name, enum log_level *level)
{
	size_t i;

	for (i = 0; i < NR_LEVELS; i++) {
		if (!strcmp(name, names[i])) {
			*level = i;
			return true;
		}
	}
	return false;
}

int log_open(enum log_level level, const char *path)
{
	int fd;

	limit = level;
	if (!path)
		return 0;
	/* Packets have the contents of guest memory. */
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return -1;
	file = fdopen(fd, "a");
	return file ? 0 : -1;
}

bool log_wants(enum log_level level)
{
	return level <= limit;
}

static void put_time(FILE *to)
{
	struct timespec now;
	struct tm tm;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(to, "%s.%06ldZ ", text, now.tv_nsec / 1000);
}

void log_say(enum log_level level, const char *format, ...)
{
	FILE *to = file ? file : stderr;
	va_list args;

	if (!log_wants(level))
		return;
	if (!file)
		fputs("vmxdbgd: ", to);
	if (file || level >= LOG_DEBUG)
		put_time(to);
	if (file)
		fprintf(to, "%s: ", names[level]);
	va_start(args, format);
	vfprintf(to, format, args);
	va_end(args);
	fputc('\n', to);
	fflush(to);
}
