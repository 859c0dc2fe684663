/* SPDX-License-Identifier: GPL-2.0-only */
/* The other end of the guest's serial line. */
#ifndef VMXRUN_CONSOLE_H
#define VMXRUN_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#define CONSOLE_BACKLOG	4096

/**
 * struct console - the other end of the serial line
 * @in: descriptor to read from, -1 for none
 * @out: descriptor to write to
 * @keys: Ctrl-A starts a command to vmxrun
 * @prefixed: the last key was Ctrl-A
 * @raw: the terminal is in raw mode; @saved restores it
 * @closing: the machine stops, so a blocked write must end
 * @saved: settings of the terminal
 * @backlog: ring buffer of input that the guest has not read yet
 * @head: index of the first byte in @backlog
 * @len: number of bytes in @backlog
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
