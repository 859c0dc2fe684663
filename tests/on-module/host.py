# SPDX-License-Identifier: GPL-2.0-only
"""The lab's host, with the module and the daemon, for tests with the real gdb.

gdb runs on this machine. host_end.c carries all connections over the host's second serial
line: commands for the host's shell, and gdb's connections to Unix sockets there."""
import contextlib
import os
import re
import socket
import subprocess
import threading
import time

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
BUILD = os.environ["ON_MODULE_BUILD"]
ELF = os.path.join(BUILD, "guest.elf")

# A hang ends with this, on a machine of any speed; no test is about time.
PATIENCE = 100
PIECE = 4000


class Channel:
    """One connection, as this end sees it."""

    def __init__(self, on_data):
        self.on_data = on_data
        self.ended = threading.Event()
        self.status = None


class Host:
    """The host. FILES are what it has in /files beside host_end."""

    def __init__(self, *files, options=(), lab=("up",)):
        self._said = []
        self._channels = {}
        self._lock = threading.Lock()
        self._doors = []
        self._lab = subprocess.Popen(
            [os.path.join(TOP, "tests/lab/lab"), *lab, "--timeout", "1800", *options, "--",
             *files, os.path.join(BUILD, "host_end"), "--", "./host_end", "/dev/ttyS1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._listen_to_lab, daemon=True).start()
        self._line = socket.create_connection(("127.0.0.1", self._port()))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._receive, daemon=True).start()

    # ---- the line ----

    def _listen_to_lab(self):
        for line in self._lab.stdout:
            self._said.append(line.decode(errors="replace"))

    def said(self):
        """The lab's output so far."""
        return "".join(self._said)

    def _port(self):
        while True:
            found = re.search(r"second serial line is 127\.0\.0\.1:(\d+)", self.said())
            if found:
                return int(found[1])
            assert self._lab.poll() is None, f"the host did not come up:\n{self.said()}"
            time.sleep(0.05)

    def _send(self, kind, channel, data=b""):
        frame = b"".join(kind + bytes([channel]) + len(piece).to_bytes(2, "little") + piece
                         for piece in ([data[at:at + PIECE] for at in range(0, len(data), PIECE)]
                                       or [b""]))
        with self._lock:
            self._line.sendall(frame)

    def _receive(self):
        with self._line.makefile("rb") as line:
            while True:
                head = line.read(4)
                if len(head) < 4:
                    break
                data = line.read(head[2] | head[3] << 8)
                channel = self._channels[head[1]]
                if head[:1] == b"D":
                    channel.on_data(data)
                else:
                    channel.status = data[0] if data else 0
                    channel.ended.set()
        for channel in list(self._channels.values()):
            channel.ended.set()

    def _open(self, kind, what, on_data):
        with self._lock:
            # The number of a channel is free again when both ends have closed it.
            number = next(n for n in range(256)
                          if n not in self._channels or self._channels[n].ended.is_set())
            channel = self._channels[number] = Channel(on_data)
        self._send(kind, number, what.encode())
        return number, channel

    # ---- for tests ----

    def sh(self, command, wanted=0):
        """Run a command of the shell. Return its output; its status must be WANTED, or None."""
        out = []
        _, channel = self._open(b"X", command, out.append)
        assert channel.ended.wait(PATIENCE), f"no end of: {command}\n{self.said()}"
        text = b"".join(out).decode(errors="replace")
        assert channel.status is not None, f"the host has ended:\n{self.said()}"
        assert wanted is None or channel.status == wanted, \
            f"status {channel.status} of: {command}\n{text}"
        return text

    def until(self, command, pattern):
        """Run a command until its output has the pattern. Return the match."""
        end = time.monotonic() + PATIENCE
        while True:
            text = self.sh(command, None)
            found = re.search(pattern, text, re.M)
            if found:
                return found
            assert time.monotonic() < end, f"no {pattern!r} in the output of {command}:\n{text}"

    def door(self, path):
        """Return a port here, whose connections go to the Unix socket in the host."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._doors.append(listener)
        threading.Thread(target=self._serve, args=(listener, path), daemon=True).start()
        return listener.getsockname()[1]

    def _serve(self, listener, path):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=(client, path), daemon=True).start()

    def _carry(self, client, path):
        def to_client(data):
            with contextlib.suppress(OSError):
                client.sendall(data)

        number, channel = self._open(b"U", path, to_client)

        def watch():
            channel.ended.wait()
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=watch, daemon=True).start()
        with contextlib.suppress(OSError):
            while True:
                data = client.recv(PIECE)
                if not data:
                    break
                self._send(b"D", number, data)
        if not channel.ended.is_set():
            self._send(b"C", number)
            channel.ended.wait()
        client.close()

    def end(self):
        """Let the host end. Return the lab's status, which tells what its kernel said."""
        for door in self._doors:
            door.close()
        with contextlib.suppress(OSError):
            self._send(b"Q", 0)
        return self._lab.wait(PATIENCE)
