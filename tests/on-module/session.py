# SPDX-License-Identifier: GPL-2.0-only
"""gdb, and what runs in the host for it: the VMM and the daemon."""
import os
import re
import signal
import subprocess
import tempfile
import time

from host import ELF, PATIENCE, TOP

SCRIPT = os.path.join(TOP, "userspace/vmxdbgd/vmxdbg.gdb")
BEGIN = ("set prompt", "set pagination off", "set confirm off", "set width 0",
         "set style enabled off", "set remotetimeout 60", f"source {SCRIPT}")
COMPLAINTS = ("Ignoring packet error", "timeout", "Protocol error", "invalid hex digit",
              "Bogus trace", "unrecognized item", "Remote replied unexpectedly",
              "Reply contains")


def shows(output, *patterns):
    """Check that the patterns occur in this order."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(output, at)
        assert found, f"no {pattern!r} after:\n{output[:at]}\n--- in:\n{output[at:]}"
        at = found.end()
    return output


class Process:
    """A program that runs in the host's background, with NAME.log there."""

    started = 0

    def __init__(self, host, name, command):
        Process.started += 1
        self.host = host
        self.name = f"{name}.{Process.started}"
        self.pid = int(host.sh(f"{command.replace('NAME', self.name)} </dev/null "
                               f">{self.name}.log 2>&1 & echo $!"))

    def log(self):
        """The output so far."""
        return self.host.sh(f"cat {self.name}.log")

    def wait_log(self, pattern):
        """Wait until it has printed the pattern. Return the match."""
        return self.host.until(f"cat {self.name}.log", pattern)

    def wait_end(self):
        """Wait for the end of all its threads, after which the host's first process reaps it."""
        self.host.until(f"ls /proc/{self.pid} 2>&1", "No such file")

    def kill(self, sig="TERM"):
        """Send it a signal, and wait for its end."""
        self.host.sh(f"kill -{sig} {self.pid}", None)
        self.wait_end()


class Vmm(Process):
    """vmxrun with the guest of guest.S."""

    def __init__(self, host, *options):
        super().__init__(host, "vmxrun", "./vmxrun --kernel guest.elf --mem 4M --console "
                         f"file:NAME.console {' '.join(options)}")
        host.until("./vmxdbgd --list --device /dev/vmxdbg", rf"^\d+ +{self.pid} ")

    def begun(self, times):
        """Wait until the guest has begun so often."""
        self.host.until(f"grep -c 'the guest begins' {self.name}.console", rf"^{times}$")


class Daemon(Process):
    """vmxdbgd, with a port here."""

    def __init__(self, host, *options):
        super().__init__(host, "vmxdbgd", f"./vmxdbgd --unix /run/NAME {' '.join(options)}")
        try:
            self.wait_log("waiting for gdb|gdb can connect")
            self.port = host.door(f"/run/{self.name}")
        except BaseException:
            self.kill()
            raise


class Gdb:
    """gdb with its prompt."""

    def __init__(self, port, *commands, kind="remote", elf=ELF, connect=True):
        connection = (f"target {kind} 127.0.0.1:{port}",) if connect else ()
        args = [arg for command in (*BEGIN, *connection, *commands) for arg in ("-ex", command)]
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["gdb", "-nx", "-q", "-iex", "set auto-load off", *args, *([elf] if elf else [])],
            stdin=subprocess.PIPE, stdout=self._log, stderr=self._log, text=True, bufsize=1)
        self._asked = 0
        self._read = 0

    def said(self):
        """The output so far."""
        self._log.seek(0, os.SEEK_END)
        return os.pread(self._log.fileno(), self._log.tell(), 0).decode(errors="replace")

    def say(self, *commands):
        """Type the commands."""
        for command in commands:
            self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def wait(self, pattern):
        """Wait until it has printed the pattern, behind what was waited for before."""
        end = time.monotonic() + PATIENCE
        while True:
            said = self.said()
            found = re.compile(pattern, re.M).search(said, self._read)
            if found:
                self._read = found.end()
                return found
            assert self.process.poll() is None and time.monotonic() < end, \
                f"no {pattern!r} after:\n{said[:self._read]}\n--- in:\n{said[self._read:]}"
            time.sleep(0.02)

    def ask(self, *commands):
        """Type the commands, and return what they print."""
        self._asked += 1
        mark = f"asked-{self._asked}-"
        self.say(*commands, f"echo {mark}\\n")
        begin = self._read
        self.wait(f"{mark}$")
        return self.said()[begin:self._read - len(mark)]

    def shows(self, *commands, want):
        """ask(), and check the patterns."""
        output = self.ask(*commands)
        for complaint in COMPLAINTS:
            assert complaint not in output, output
        return shows(output, *want)

    def number(self, expression):
        """The value of an expression."""
        return int(re.search("= 0x([0-9a-f]+)", self.shows(
            f"print/x (unsigned long)({expression})", want=[r"= 0x\w+"]))[1], 16)

    def interrupt(self):
        """^C"""
        self.process.send_signal(signal.SIGINT)

    def kill(self):
        """kill -9"""
        self.process.kill()
        self.process.wait()

    def end(self, *commands):
        """Leave it, by the commands. Return what it has printed."""
        self.say(*commands)
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
        return self.said()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
