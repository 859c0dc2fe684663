# SPDX-License-Identifier: GPL-2.0-only
"""One life of a lab host: start it, pass on its command's output, tell its end."""

import enum
import os
import re
import selectors
import signal
import socket
import sys
import time

from .say import say


class End(enum.Enum):
    """How a host ended. The value is the exit status of the lab, where it is not
    that of the command."""

    EXITED = 0
    LAB = 200           # the lab could not do what was asked
    TIMEOUT = 201
    PANIC = 202
    TRIPLE_FAULT = 203
    EMULATOR = 204      # the emulator itself died
    GONE = 205          # reset or turned off before the command's end
    NO_BOOT = 206
    COMPLAINED = 207    # the command succeeded, but the kernel warned of itself
    STUCK = 208         # a known race in the kernel's boot, see _STUCK


# Complaints of the kernel about itself, which no test may overlook.
_COMPLAINTS = re.compile(
    rb"^\[ *\d+\.\d+\](?:\[[^]]*\])? (WARNING: |BUG: |BUG [\w-]+ |UBSAN: |Oops|"
    rb"watchdog: BUG|INFO: task .* blocked|INFO: trying to register non-static key|"
    rb"unchecked MSR access|general protection fault|"
    rb"kmemleak: a module lost|kmemleak: does not work|.*rcu.*detected .*stalls)[^\n]*",
    re.MULTILINE)

_PANIC = re.compile(rb"Kernel panic - not syncing:? ?([^\r\n]*)[\r\n]")

# Linux 6.1 with CONFIG_PROVE_RCU: if a tick interrupts synchronize_rcu_tasks_generic()
# between its look at kthread_ptr and its wait for tasks_gp_mutex, the new kthread takes
# the mutex first, and keeps it while it waits for the self-test to go on.
_STUCK = b"Running RCU-tasks wait API self tests"
STUCK_SECONDS = 30.0

# Seconds of silence after the last message of a panicking kernel, for all of its messages,
# and for the power-off of a host.
_PANIC_SILENCE = 2.0
_PANIC_GRACE = 60.0
_POWEROFF_GRACE = 30.0


class Lines:
    """The three serial lines of a host, as connections that the emulator makes."""

    def __init__(self):
        self._listeners = [_listen(0) for _ in range(3)]
        self.ports = [listener.getsockname()[1] for listener in self._listeners]

    def __iter__(self):
        return iter(self._listeners)

    def close(self):
        for listener in self._listeners:
            listener.close()


def _listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1)
    return listener


class Relay:
    """Joins the host's second serial line to a TCP port, one client at a time."""

    def __init__(self, port):
        self.listener = _listen(port)
        self.port = self.listener.getsockname()[1]


class Host:
    """A host that runs one command.

    mark is the line start by which /init frames the command's output. on_up is
    called once the command starts."""

    def __init__(self, emulator, machine, mark, timeout, relay=None, on_up=None):
        self._emulator = emulator
        self._machine = machine
        self._mark = mark.encode()
        self._timeout = timeout
        self._relay = relay
        self._on_up = on_up
        self._console = bytearray()
        self._spoke = 0.0
        self._pending = bytearray()
        self._status = None
        self._began = False
        self._restarted = False
        self._user = None
        self._client = None
        self._open = []
        self._selector = selectors.DefaultSelector()

    # -- the serial lines --------------------------------------------------

    def _output(self, data):
        """The first line: pass on what stands between the marks."""
        self._pending += data
        while True:
            at = self._pending.find(self._mark)
            if at < 0:
                # Hold back what could be the start of a mark.
                keep = 0
                for size in range(min(len(self._mark) - 1, len(self._pending)), 0, -1):
                    if self._mark.startswith(self._pending[-size:]):
                        keep = size
                        break
                self._emit(self._pending[:len(self._pending) - keep])
                del self._pending[:len(self._pending) - keep]
                return
            end = self._pending.find(b"\n", at)
            if end < 0:
                self._emit(self._pending[:at])
                del self._pending[:at]
                return
            self._emit(self._pending[:at])
            self._framing(bytes(self._pending[at + len(self._mark):end]).split())
            del self._pending[:end + 1]

    def _emit(self, data):
        if self._began and self._status is None and data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def _framing(self, words):
        if words[:1] == [b"begin"]:
            self._restarted = self._began
            self._began = True
            if self._on_up and not self._restarted:
                self._on_up()
        elif words[:1] == [b"exit"]:
            self._status = int(words[1])

    def _kernel_says(self, data):
        self._console += data
        self._spoke = time.monotonic()

    def _stuck(self, now):
        return now - self._spoke > STUCK_SECONDS and \
            self._console[-200:].rstrip().endswith(_STUCK)

    def _from_guest(self, data):
        """The second line: to whoever is connected, or to nobody."""
        if self._client:
            try:
                self._client.sendall(data)
            except OSError:
                self._drop_client()

    def _drop_client(self):
        self._selector.unregister(self._client)
        self._client.close()
        self._client = None

    def _accept_client(self, listener):
        client, _ = listener.accept()
        if self._client or not self._user:
            client.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        self._selector.register(client, selectors.EVENT_READ, self._from_client)

    def _from_client(self, client):
        try:
            data = client.recv(4096)
        except OSError:
            data = b""
        try:
            if not data:
                raise ConnectionError
            self._user.sendall(data)
        except OSError:
            self._drop_client()

    def _accept_line(self, receive):
        def accept(listener):
            line, _ = listener.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(line)
            if receive == self._from_guest:
                self._user = line

            def ready(line):
                try:
                    data = line.recv(65536)
                except OSError:
                    data = b""
                if data:
                    receive(data)
                else:
                    self._selector.unregister(line)
                    line.close()
            self._selector.register(line, selectors.EVENT_READ, ready)
        return accept

    # -- one life ----------------------------------------------------------

    def run(self):
        """Run the host to its end: (End, status of the command or None, sentence)."""
        lines = Lines()
        receivers = (self._output, self._from_guest, self._kernel_says)
        for listener, receive in zip(lines, receivers):
            self._selector.register(listener, selectors.EVENT_READ, self._accept_line(receive))
        if self._relay:
            self._selector.register(self._relay.listener, selectors.EVENT_READ,
                                    self._accept_client)
        process = self._emulator.start(self._machine, lines.ports)
        try:
            return self._watch(process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._poll(0)
            lines.close()
            (self._machine.directory / "console.log").write_bytes(
                bytes(self._console).replace(b"\r\n", b"\n"))

    def _lines_open(self):
        return any(line.fileno() >= 0 for line in self._open)

    def _poll(self, wait):
        for key, _ in self._selector.select(wait):
            key.data(key.fileobj)

    def _watch(self, process):
        start = time.monotonic()
        deadline = start + self._timeout
        exited = None
        while True:
            dead = process.poll() is not None
            self._poll(0 if dead else 0.2)
            if dead:
                # The last output may come in many pieces.
                while self._lines_open():
                    self._poll(0.1)
            now = time.monotonic()
            panic = _PANIC.search(self._console)
            if panic:
                self._wait_for_silence(process, _PANIC_SILENCE, _PANIC_GRACE)
                return End.PANIC, None, \
                    f"the host panicked: {panic.group(1).decode(errors='replace')}"
            if self._restarted:
                return End.GONE, None, "the host restarted in the middle of its command"
            if dead:
                return self._after_death(process)
            if not self._began and self._stuck(now):
                return End.STUCK, None, "the host's kernel waits for itself in its boot"
            if self._status is not None:
                exited = exited or now
                if now - exited > _POWEROFF_GRACE:
                    return End.TIMEOUT, None, \
                        f"the command exited with status {self._status}, but the host did " \
                        f"not turn itself off within {_POWEROFF_GRACE:.0f} s"
            elif now > deadline:
                if not self._began:
                    return End.NO_BOOT, None, \
                        f"the host did not come up within {self._timeout:.0f} s"
                return End.TIMEOUT, None, \
                    f"the command was still running after {self._timeout:.0f} s"

    def _wait_for_silence(self, process, seconds, most):
        """Wait until the console is silent for so long; a slow host takes its time."""
        start = last = time.monotonic()
        have = len(self._console)
        while process.poll() is None and time.monotonic() - last < seconds and \
                time.monotonic() - start < most:
            self._poll(0.1)
            if len(self._console) != have:
                have, last = len(self._console), time.monotonic()

    def _after_death(self, process):
        if self._status is not None:
            complaint = _COMPLAINTS.search(self._console.replace(b"\r\n", b"\n"))
            if complaint:
                return End.COMPLAINED, self._status, "the host's kernel complained: " + \
                    complaint.group(0).decode(errors="replace").strip()
            return End.EXITED, self._status, ""
        why = self._emulator.death(self._machine.directory)
        if b"reboot: Restarting system" in self._console and why in ("", "triple fault"):
            return End.GONE, None, "the host restarted in the middle of its command"
        if why == "triple fault":
            return End.TRIPLE_FAULT, None, "the host died of a triple fault"
        if why or process.returncode < 0:
            return End.EMULATOR, None, \
                f"{self._emulator.name} died (status {process.returncode}) {why}".rstrip()
        if not self._began:
            return End.NO_BOOT, None, "the host ended before it started its command"
        return End.GONE, None, \
            "the host was reset, or turned itself off, in the middle of its command"


def _telling_part(console):
    """The lines of a console that tell most: from the first complaint on, or the end."""
    found = _COMPLAINTS.search(console) or _PANIC.search(console)
    if not found:
        return console.splitlines()[-30:]
    return console[console.rfind(b"\n", 0, found.start()) + 1:].splitlines()[:60]


def report(end, status, sentence, console, log):
    """Say how it ended and return the exit status for it."""
    if end is End.EXITED:
        return status
    for line in _telling_part(console):
        print(f"  | {line.decode(errors='replace')}", file=sys.stderr)
    say(f"{sentence} (its console is in {log})")
    if end is End.COMPLAINED and status != 0:
        return status
    return end.value
