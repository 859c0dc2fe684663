// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other end of the guest's serial line: standard input and output, a new
 * pseudo-terminal, or a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "msg.h"

#define CTRL_A	0x01

/*
 * All keys go to the guest, also Ctrl-C. Output processing stays on, because
 * vmxrun's own messages end with a line feed only.
 */
static void make_raw(struct console *con)
{
	struct termios raw;

	if (tcgetattr(con->in, &con->saved))
		return;
	raw = con->saved;
	raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR |
			 ICRNL | IXON);
	raw.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	con->raw = !tcsetattr(con->in, TCSANOW, &raw);
}

static bool open_stdio(struct console *con)
{
	con->in = STDIN_FILENO;
	con->out = STDOUT_FILENO;
	con->keys = true;
	if (!isatty(con->in))
		return true;
	/*
	 * A process in the background would be stopped (SIGTTOU, SIGTTIN) by
	 * its first use of the terminal.
	 */
	if (tcgetpgrp(con->in) == getpgrp())
		make_raw(con);
	else
		con->in = -1;
	return true;
}

static bool open_pty(struct console *con)
{
	struct termios raw;
	char name[64];
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int slave;

	if (fd < 0 || grantpt(fd) || unlockpt(fd) ||
	    ptsname_r(fd, name, sizeof(name))) {
		msg("cannot create a pseudo-terminal: %s", strerror(errno));
		return false;
	}
	/* Keep the slave open: without one, reads of the master fail. */
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &raw)) {
		msg("cannot open %s: %s", name, strerror(errno));
		return false;
	}
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	con->in = fd;
	con->out = fd;
	msg("console on %s", name);
	return true;
}

static bool open_file(struct console *con, const char *path)
{
	con->out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (con->out >= 0)
		return true;
	msg("cannot open %s: %s", path, strerror(errno));
	return false;
}

/**
 * console_open - open a console
 * @where: "stdio", "pty" or "file:PATH"
 *
 * Return: false after a message.
 */
bool console_open(struct console *con, const char *where)
{
	*con = (struct console){ .in = -1, .out = -1 };

	if (!strcmp(where, "stdio"))
		return open_stdio(con);
	if (!strcmp(where, "pty"))
		return open_pty(con);
	return open_file(con, where + strlen("file:"));
}

/**
 * console_close - restore the terminal
 */
void console_close(struct console *con)
{
	if (con->raw)
		tcsetattr(con->in < 0 ? STDIN_FILENO : con->in, TCSANOW,
			  &con->saved);
	con->raw = false;
}

/**
 * console_write - write a byte from the guest
 *
 * Blocks while the reader is slow, like flow control. A pseudo-terminal does
 * not block and loses bytes that do not fit. When the machine stops, the signal
 * that kicks vCPU threads ends a blocked write.
 */
void console_write(struct console *con, uint8_t byte)
{
	while (write(con->out, &byte, 1) < 0 && errno == EINTR)
		if (__atomic_load_n(&con->closing, __ATOMIC_RELAXED))
			break;
}

static void backlog_add(struct console *con, uint8_t byte)
{
	if (con->len == CONSOLE_BACKLOG)
		return;
	con->backlog[(con->head + con->len++) % CONSOLE_BACKLOG] = byte;
}

/* Return: false if the key means to quit */
static bool key_typed(struct console *con, uint8_t key)
{
	if (!con->keys || (!con->prefixed && key != CTRL_A)) {
		backlog_add(con, key);
		return true;
	}
	con->prefixed = !con->prefixed;
	if (con->prefixed)
		return true;
	if (key == CTRL_A)
		backlog_add(con, key);
	else if (key == 'h' || key == '?')
		msg("Ctrl-A x quits, Ctrl-A Ctrl-A sends Ctrl-A");
	return key != 'x';
}

/**
 * console_wants_input - decide whether the event loop waits for input
 *
 * With a full backlog the input stays in its pipe or file. A terminal is always
 * read, because Ctrl-A x must work if the guest hangs.
 */
bool console_wants_input(const struct console *con)
{
	return con->in >= 0 && (con->raw || con->len < CONSOLE_BACKLOG);
}

/**
 * console_read - read input into the backlog
 *
 * Return: false if the user wants to quit.
 */
bool console_read(struct console *con)
{
	uint8_t keys[64];
	size_t room = CONSOLE_BACKLOG - con->len;
	ssize_t got;

	if (con->raw || room > sizeof(keys))
		room = sizeof(keys);
	got = read(con->in, keys, room);
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
		/* The guest runs on at the end of the input. */
		console_close(con);
		con->in = -1;
	}
	for (ssize_t i = 0; i < got; i++)
		if (!key_typed(con, keys[i]))
			return false;
	return true;
}

/**
 * console_take - take the next byte for the guest from the backlog
 *
 * Return: false if there is none.
 */
bool console_take(struct console *con, uint8_t *byte)
{
	if (!con->len)
		return false;
	*byte = con->backlog[con->head];
	con->head = (con->head + 1) % CONSOLE_BACKLOG;
	con->len--;
	return true;
}
