// SPDX-License-Identifier: GPL-2.0-only
/*
 * --serial TTY[,BAUD]
 *
 * A line has no connections; a packet shows that a debugger is there. The line
 * must not change any byte, so it is raw and without flow control.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "exit_status.h"
#include "log.h"
#include "transport_serial.h"

static const struct {
	long baud;
	speed_t speed;
} speeds[] = {
	{ 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 },
	{ 57600, B57600 }, { 115200, B115200 }, { 230400, B230400 },
	{ 460800, B460800 }, { 921600, B921600 }, { 1000000, B1000000 },
	{ 1500000, B1500000 }, { 2000000, B2000000 }, { 3000000, B3000000 },
	{ 4000000, B4000000 },
};

size_t serial_unmark(char *data, size_t len, int *state)
{
	size_t from, to = 0;

	for (from = 0; from < len; from++) {
		unsigned char c = data[from];

		if (*state == 0 && c == 0xff) {
			*state = 1;
		} else if (*state == 1 && c == 0) {
			*state = 2;
		} else if (*state == 2) {
			/* \377 \0 \0: BREAK means what ^C does; other errors are noise. */
			if (c == 0)
				data[to++] = 0x03;
			*state = 0;
		} else {
			data[to++] = c;
			*state = 0;
		}
	}
	return to;
}

/* Cut ",BAUD" off @path. Return: 0, or -1 if the rate is unknown. */
static int take_speed(char *path, speed_t *speed)
{
	char *comma = strrchr(path, ',');
	long baud = 115200;
	char *end = "";
	size_t i;

	if (comma) {
		*comma = '\0';
		baud = strtol(comma + 1, &end, 10);
	}
	for (i = 0; !*end && i < sizeof(speeds) / sizeof(*speeds); i++) {
		if (speeds[i].baud == baud) {
			*speed = speeds[i].speed;
			return 0;
		}
	}
	return -1;
}

static int make_raw(int fd, speed_t speed)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) < 0)
		return -1;
	cfmakeraw(&tio);
	/* A BREAK is marked as \377 \0 \0, and 0xff in data as \377 \377. */
	tio.c_iflag &= ~(IGNBRK | BRKINT | IGNPAR);
	tio.c_iflag |= PARMRK;
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cflag &= ~(CRTSCTS | CSTOPB | HUPCL);
	tio.c_iflag &= ~(IXOFF | IXANY);
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	cfsetispeed(&tio, speed);
	cfsetospeed(&tio, speed);
	/* Flush earlier input, which is noise. */
	return tcsetattr(fd, TCSAFLUSH, &tio);
}

static int serial_open(struct transport *t, const char *endpoint)
{
	char path[sizeof(t->where)];
	speed_t speed;
	int fd;

	snprintf(path, sizeof(path), "%s", endpoint);
	if (take_speed(path, &speed) < 0) {
		log_say(LOG_ERROR, "--serial needs TTY[,BAUD] with a standard rate, not \"%s\"; see vmxdbgd --help.",
			endpoint);
		return EXIT_USAGE;
	}
	/* Without O_NONBLOCK open() would wait for a modem's carrier. */
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return transport_failed(path);
	if (make_raw(fd, speed) < 0) {
		transport_failed(path);
		close(fd);
		return EXIT_FAILED;
	}
	t->listen_fd = fd;
	t->is_line = true;
	snprintf(t->where, sizeof(t->where), "%s", path);
	return 0;
}

static void serial_only(struct transport *t, struct connection *c)
{
	*c = (struct connection){ .in = t->listen_fd, .out = t->listen_fd };
}

static void serial_close(struct transport *t)
{
	close(t->listen_fd);
}

const struct transport_ops transport_serial = {
	.open = serial_open,
	.only = serial_only,
	.close = serial_close,
};
