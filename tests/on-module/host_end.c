// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's end of one serial line that carries several connections at a time, for
 * clients outside (host.py has the other end).
 *
 *	host_end TTY
 *
 * Each frame has a kind, a channel, a length of two bytes, and that many bytes:
 *   from outside	'U' connect the channel to this Unix socket
 *			'X' run this shell command, with the channel as its output
 *			'D' data for the channel; 'C' close it; 'Q' end
 *   to outside		'D' data of the channel; 'C' it has ended. The end of a command has
 *			its exit status, that of a connection nothing.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CHANNELS	256
#define HEAD		4
#define PIECE		4096

struct channel {
	bool open;
	int fd;
	pid_t command;		/* 0 for a connection */
};

static struct channel channels[CHANNELS];
static int line;

static void write_all(int fd, const unsigned char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;		/* the reader is gone, which its end tells */
		data += n;
		len -= n;
	}
}

static void tell(int kind, int channel, const void *data, size_t len)
{
	unsigned char frame[HEAD + PIECE] = { kind, channel, len & 0xff, len >> 8 };

	memcpy(frame + HEAD, data, len);
	write_all(line, frame, HEAD + len);
}

static void end_channel(int n)
{
	struct channel *c = &channels[n];
	unsigned char status = 0;
	int wait_status;

	if (c->fd >= 0)
		close(c->fd);
	if (c->command && waitpid(c->command, &wait_status, 0) == c->command)
		status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 255;
	tell('C', n, &status, c->command ? 1 : 0);
	c->open = false;
}

static void connect_channel(int n, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	channels[n] = (struct channel){ .open = true, .fd = fd };
	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		end_channel(n);
}

static void start_command(int n, const char *command)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(ends[1]);
	channels[n] = (struct channel){ .open = true, .fd = ends[0], .command = pid };
}

/* Returns false at the end. @data has a zero byte behind it. */
static bool frame(int kind, int n, const char *data, size_t len)
{
	struct channel *c = &channels[n];

	switch (kind) {
	case 'U':
		connect_channel(n, data);
		return true;
	case 'X':
		start_command(n, data);
		return true;
	case 'D':
		if (c->open)
			write_all(c->fd, (const unsigned char *)data, len);
		return true;
	case 'C':
		if (c->open)
			end_channel(n);
		return true;
	case 'Q':
		return false;
	}
	errx(1, "kind %d of a frame: bytes were lost", kind);
}

static bool from_line(void)
{
	static unsigned char have[HEAD + 65536];
	static size_t filled;
	ssize_t n = read(line, have + filled, sizeof(have) - filled);

	if (n <= 0)
		err(1, "the line has ended");
	filled += n;
	while (filled >= HEAD) {
		size_t len = have[2] | have[3] << 8;
		char data[PIECE + 1];

		if (len > PIECE)
			errx(1, "a frame of %zu bytes: bytes were lost", len);
		if (filled < HEAD + len)
			break;
		memcpy(data, have + HEAD, len);
		data[len] = 0;
		if (!frame(have[0], have[1], data, len))
			return false;
		filled -= HEAD + len;
		memmove(have, have + HEAD + len, filled);
	}
	return true;
}

static void from_channel(int n)
{
	unsigned char data[PIECE];
	ssize_t len = read(channels[n].fd, data, sizeof(data));

	if (len > 0)
		tell('D', n, data, len);
	else
		end_channel(n);
}

static void open_line(const char *path)
{
	struct termios t;

	line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line < 0 || tcgetattr(line, &t))
		err(1, "%s", path);
	cfmakeraw(&t);
	tcsetattr(line, TCSANOW, &t);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: host_end TTY");
	signal(SIGPIPE, SIG_IGN);
	open_line(argv[1]);
	for (;;) {
		struct pollfd fds[CHANNELS + 1] = { { .fd = line, .events = POLLIN } };
		int i, n;

		for (n = 0; n < CHANNELS; n++)
			fds[n + 1] = (struct pollfd){
				.fd = channels[n].open ? channels[n].fd : -1, .events = POLLIN,
			};
		if (poll(fds, CHANNELS + 1, -1) < 0)
			err(1, "poll");
		if (fds[0].revents && !from_line())
			return 0;
		for (i = 0; i < CHANNELS; i++)
			/* A frame may have closed it, and another one opened it anew. */
			if (fds[i + 1].revents && channels[i].open &&
			    channels[i].fd == fds[i + 1].fd)
				from_channel(i);
	}
}
