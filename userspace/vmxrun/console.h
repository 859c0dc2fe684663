/* SPDX-License-Identifier: GPL-2.0-only */
/* The other end of the guest's serial line. */
#ifndef VMXRUN_CONSOLE_H
#define VMXRUN_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#define CONSOLE_BACKLOG	4096

/**
 * struct console - where the serial line goes
 * @in: descriptor to read from, -1 for none (any more)
 * @out: descriptor to write to
 * @keys: Ctrl-A is a prefix of commands to us
 * @prefixed: the last key was Ctrl-A
 * @raw: @saved is what the terminal must get back
 * @closing: the machine stops: give up a blocked write
 * @backlog: typed, and the guest has not taken it yet; @len bytes from @head on
 */
struct console {
	int in;
	int out;
	bool keys;
	bool prefixed;
	bool raw;
	bool closing;
	struct termios saved;
	uint8_t backlog[CONSOLE_BACKLOG];
	unsigned int head;
	unsigned int len;
};

bool console_open(struct console *con, const char *where);
void console_close(struct console *con);
void console_write(struct console *con, uint8_t byte);
bool console_wants_input(const struct console *con);
bool console_read(struct console *con);
bool console_take(struct console *con, uint8_t *byte);

#endif
