# SPDX-License-Identifier: GPL-2.0-only
"""One run of a client against the daemon's fake guest, command by command."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from client import BUILD, TOP

sys.path.insert(0, str(TOP / "tests/rsp"))

import rsp  # noqa: E402

ELF = str(BUILD / "guest.elf")
LIMIT = 60

# So much of a client's output is shown when it hung.
LAST_LINES = 30

# A client says these only if the daemon has answered wrongly.
COMPLAINTS = ("Ignoring packet error", "Protocol error", "invalid hex digit", "Bogus trace",
              "unrecognized item", "Remote replied unexpectedly", "Reply contains",
              "Malformed packet", "UNIMPLEMENTED", "timed out", "internal-error",
              "lost connection", "PLEASE submit a bug report")


class Step:
    """Commands, and what their output must show, in this order."""

    def __init__(self, what, commands, patterns, never=()):
        self.what = what
        self.commands = [commands] if isinstance(commands, str) else commands
        self.patterns = patterns
        self.never = never

    def problem(self, output):
        """Return the fault of the output, or None."""
        at = 0
        for pattern in self.patterns:
            found = re.compile(pattern, re.M).search(output, at)
            if not found:
                return f"no {pattern!r} after character {at} of:\n{output}"
            at = found.end()
        for pattern in (*self.never, *map(re.escape, COMPLAINTS)):
            if re.search(pattern, output, re.M):
                return f"there is {pattern!r} in:\n{output}"
        return None


# Actions of Session.when: the user's ^C, and the client's sudden end.
INTERRUPT = signal.SIGINT
KILL = signal.SIGKILL


class Session:
    """A daemon and the steps of one client with it. The client gets the commands of all
    steps when it starts; or, if they are typed, those that when() says. The only step of
    a session that is whole looks at all output."""

    def __init__(self, *options, env=None, elf=True, typed=False, whole=False):
        self.options = options
        self.env = env
        self.elf = elf
        self.typed = typed
        self.whole = whole or typed
        self.steps = []
        self._turns = []
        self._directory = None

    def step(self, what, commands, *patterns, never=()):
        """Add a step."""
        self.steps.append(Step(what, commands, patterns, never))

    def when(self, text, action):
        """Once the client has printed this text, act: type a line, or INTERRUPT or KILL
        the client as soon as the guest runs. The turns come one after the other."""
        self._turns.append((text, action))

    def commands(self, step, where):
        """The commands of a step, with the daemon's address and a directory in them."""
        return [command.replace("WHERE", where).replace("DIR", self._directory)
                for command in step.commands]

    def file(self, name, text):
        """The path of a file with this text, which the client can read."""
        path = os.path.join(self._directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run(self, client, speaker):
        """Run the client; yield each step's name and its problem or None."""
        with tempfile.TemporaryDirectory(prefix="clients.") as self._directory:
            yield from self._run(client, speaker)

    def _run(self, client, speaker):
        daemon = rsp.Daemon(*self.options, env=self.env, transport="tcp")
        try:
            daemon.wait_said("waiting for gdb")
            where = re.search(r"gdb at (\S+)", daemon.said())
            where = where[1] if where else "nowhere"
            argv = client.argv(*speaker.arguments(self, where))
            output, ended = self._talk(argv, daemon.process.pid, where)
            next_one = self._next(daemon)
        finally:
            end = self._end(daemon)
        parts = [output] if self.whole else speaker.split(self, output)
        for step, part in zip(self.steps, parts):
            if part is None:
                yield step.what, "the client did not come to the end of this"
            else:
                yield step.what, step.problem(part)
        last = "\n".join(output.splitlines()[-LAST_LINES:])
        yield "the next debugger finds the VM", next_one
        if end:
            yield "the daemon ends well", end
        if not ended:
            yield "the client ends by itself", f"it hung after:\n{last}"

    @staticmethod
    def _next(daemon):
        """Return the trouble of a debugger that comes after the client, or None."""
        try:
            with contextlib.closing(daemon.connect_tcp()) as line:
                line.stop_ack()
                stop = line.ask("?")
        except (AssertionError, OSError) as error:
            return f"{type(error).__name__}: {error}"
        return None if stop[:1] == "T" else f"it is told {stop!r}"

    @staticmethod
    def _end(daemon):
        try:
            daemon.end()
        except AssertionError as error:
            return str(error)
        return None

    def _talk(self, argv, daemon, where):
        """Return the output of a client, and whether it ended in time."""
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as process:
            late = threading.Timer(LIMIT, process.kill)
            late.start()
            output = b""
            try:
                for text, action in self._turns:
                    output += read_until(process.stdout, text.encode())
                    if isinstance(action, str):
                        process.stdin.write(action.replace("WHERE", where).encode() + b"\n")
                        process.stdin.flush()
                    elif wait_busy(daemon, process):
                        process.send_signal(action)
                process.stdin.close()
            except BrokenPipeError:
                # The client has ended. Its end of input must not be written once more.
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
            output += process.stdout.read()
            process.wait()
            in_time = late.is_alive()
            late.cancel()
        return output.decode(errors="replace"), in_time


def read_until(pipe, text):
    """Read a pipe until there is this text, or to its end."""
    output = b""
    while text not in output:
        more = os.read(pipe.fileno(), 4096)
        if not more:
            break
        output += more
    return output


def wait_busy(pid, client):
    """Wait until a process computes, as the daemon does when its fake guest runs."""
    begin = _ticks(pid)
    while client.poll() is None:
        if _ticks(pid) > begin + 5:
            return True
        time.sleep(0.02)
    return False


def _ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return int(stat.read().rpartition(")")[2].split()[11])
