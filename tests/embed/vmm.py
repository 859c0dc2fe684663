# SPDX-License-Identifier: MIT
"""A VMM that is linked with libvmxgdb, and gdb."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

BUILD = os.environ["EMBED_BUILD"]
ELF = os.path.join(BUILD, "guest.elf")
TIMEOUT = 20

BEGIN = ["set pagination off", "set confirm off", "set width 0", "set style enabled off",
         "set remotetimeout 60"]


class Vmm:
    """A program that prints where gdb may connect, with a socket in a directory of its own."""

    def __init__(self, *command, address=None):
        self.dir = tempfile.mkdtemp(prefix="embed.")
        self.path = os.path.join(self.dir, "gdb")
        self.log = os.path.join(self.dir, "log")
        address = address or f"unix:{self.path}"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [word.replace("ADDRESS", address) for word in command],
                stderr=log, stdout=log)
        self.where = self.wait_said(r"gdb may connect to (\S+)")[1]

    def said(self):
        """Return the output so far."""
        with open(self.log, encoding="latin-1") as log:
            return log.read()

    def wait_said(self, pattern):
        """Wait until it has printed the pattern. Return the match."""
        end = time.monotonic() + TIMEOUT
        while True:
            over = self.process.poll() is not None
            found = re.search(pattern, self.said())
            if found:
                return found
            assert not over and time.monotonic() < end, \
                f"no {pattern!r} in:\n{self.said()}"
            time.sleep(0.01)

    def connect(self):
        """Return a socket, as a debugger would have it."""
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(TIMEOUT)
        s.connect(self.path)
        return s

    def ends(self):
        """Wait for its end, without a complaint."""
        status = self.process.wait(TIMEOUT)
        assert status == 0, f"status {status}:\n{self.said()}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The sanitizers complain when it dies, not when it is killed.
        self.process.kill()
        self.process.wait()
        said = self.said()
        subprocess.run(["rm", "-rf", self.dir], check=True)
        assert "Sanitizer" not in said and "runtime error" not in said, said


class Gdb:
    """gdb with its prompt."""

    def __init__(self, vmm, *commands, elf=ELF, kind="remote"):
        args = [arg for command in
                (*BEGIN, f"target {kind} {vmm.where}", *commands)
                for arg in ("-ex", command)]
        self.log = os.path.join(vmm.dir, f"gdb.{time.monotonic_ns()}")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["gdb", "-nx", "-q", *args, elf], stdin=subprocess.PIPE,
                stdout=log, stderr=log, text=True, bufsize=1)

    def said(self):
        """Return the output so far."""
        with open(self.log, encoding="latin-1") as log:
            return log.read()

    def say(self, *commands):
        """Type the commands."""
        for command in commands:
            self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def wait(self, pattern, count=1):
        """Wait until it has printed the pattern so often."""
        end = time.monotonic() + TIMEOUT
        while len(re.findall(pattern, self.said(), re.M)) < count:
            assert self.process.poll() is None and time.monotonic() < end, \
                f"no {pattern!r} in:\n{self.said()}"
            time.sleep(0.01)

    def interrupt(self):
        """^C"""
        self.process.send_signal(signal.SIGINT)

    def end(self):
        """Leave it. Return what it has printed."""
        self.process.stdin.close()
        try:
            self.process.wait(TIMEOUT)
        finally:
            self.process.kill()
            self.process.wait()
        return self.said()


def gdb(vmm, *commands, elf=ELF, kind="remote"):
    """Return gdb's output for the commands, run after it has connected."""
    args = [arg for command in (*BEGIN, f"target {kind} {vmm.where}", *commands)
            for arg in ("-ex", command)]
    result = subprocess.run(["gdb", "-nx", "-q", "-batch", *args, elf],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=300,
                            check=False, errors="replace")
    for complaint in ("Ignoring packet error", "timeout", "Protocol error",
                      "invalid hex digit", "Remote replied unexpectedly"):
        assert complaint not in result.stdout, result.stdout
    return result.stdout


def shows(output, *patterns):
    """Check that the patterns occur in this order."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(output, at)
        assert found, f"no {pattern!r} after:\n{output[:at]}\n--- in:\n{output[at:]}"
        at = found.end()
