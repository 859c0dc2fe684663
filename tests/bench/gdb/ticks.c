// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shell of gdb in the benchmark: ticks -c NAME
 *
 * Appends to the file "ticks.out" NAME and how many ticks ago the last call ended, because
 * gdb has no exact clock. Says NAME on stderr, which has gdb's log of packets.
 */
#include <stdio.h>
#include <x86intrin.h>

#define LAST	"ticks.last"

static unsigned long long read_last(void)
{
	unsigned long long last = 0;
	FILE *file = fopen(LAST, "r");

	if (file && fscanf(file, "%llu", &last) != 1)
		last = 0;
	if (file)
		fclose(file);
	return last;
}

int main(int argc, char **argv)
{
	unsigned long long now = __rdtsc(), last = read_last();
	FILE *file;

	if (argc != 3)
		return 2;
	fprintf(stderr, "\n== %s\n", argv[2]);
	file = fopen("ticks.out", "a");
	if (!file || fprintf(file, "%s %llu\n", argv[2], now - last) < 0 || fclose(file))
		return 1;
	file = fopen(LAST, "w");
	if (!file || fprintf(file, "%llu", __rdtsc()) < 0)
		return 1;
	return fclose(file) ? 1 : 0;
}
