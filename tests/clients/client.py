# SPDX-License-Identifier: GPL-2.0-only
"""Debuggers of several releases of Debian, each in a tree of the lab."""

import os
import re
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
LAB = TOP / "tests/lab/lab"
ENTER = TOP / "tests/lab/enter"
BUILD = Path(os.environ["RSP_BUILD"])

# gdb reads the guest's source where it was compiled.
SOURCE = TOP / "tests/rsp"


class Missing(Exception):
    """There is no such client here; the text says why."""


class Client:
    """A program of a release, and what it runs in."""

    def __init__(self, kind, suite, packages, programs):
        self.kind = kind
        self.suite = suite
        self.packages = packages
        self.name = f"{kind} of {suite}"
        self._programs = programs
        self._root = None
        self.program = None

    def find(self, root):
        """Take the program from a tree. Return its version."""
        self._root = root
        for pattern in self._programs:
            for path in sorted(root.glob(f"usr/bin/{pattern}")):
                self.program = path.name
                said = self.run("-v" if self.kind == "radare2" else "--version")
                return re.search(r"^(GNU gdb|lldb version|radare2).*|\Z", said, re.M)[0]
        raise Missing(f"{self.suite} has no program {' or '.join(self._programs)}")

    def argv(self, *args):
        """The command line that runs the client in its tree."""
        return [ENTER, self._root, "/tmp", "/tmp", BUILD, SOURCE, "--", self.program, *args]

    def run(self, *args):
        """The client's output, for a run that needs no daemon."""
        return subprocess.run(self.argv(*args), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=300, check=False).stdout


def clients():
    """All clients, in the order of their tests."""
    lldb = "lldb-[0-9][0-9]"
    return (Client("gdb", "bookworm", ["gdb"], ["gdb"]),
            Client("lldb", "bookworm", ["lldb-14"], [lldb]),
            Client("gdb", "trixie", ["gdb"], ["gdb"]),
            Client("lldb", "trixie", ["lldb-19"], [lldb]),
            Client("gdb", "sid", ["gdb"], ["gdb"]),
            Client("lldb", "sid", ["lldb-21|lldb-22|lldb-23|lldb"], [lldb]),
            # The -dev package has the names of its libraries without a version.
            Client("radare2", "sid", ["radare2", "libradare2-dev"], ["radare2"]))


class Trees:
    """The systems with the clients. Each stays in the lab's cache until close()."""

    def __init__(self, everyone):
        self._together = {suite: sorted({package for client in everyone
                                         if client.suite == suite
                                         for package in client.packages})
                          for suite in {client.suite for client in everyone}}
        self._found = {}
        self._holders = []

    def root(self, client):
        """The tree that has a client. One tree has all clients of a release; if the
        release cannot give all of them at once, each gets its own."""
        try:
            return self._tree(client.suite, self._together[client.suite])
        except Missing:
            return self._tree(client.suite, client.packages)

    def _tree(self, suite, packages):
        key = (suite, *packages)
        if key not in self._found:
            self._found[key] = self._make(suite, packages)
        if isinstance(self._found[key], Missing):
            raise self._found[key]
        return self._found[key]

    def _make(self, suite, packages):
        # While this program runs, the lab keeps the tree.
        # pylint: disable=consider-using-with
        holder = subprocess.Popen(
            [LAB, "in", suite, *packages, "--", "sh", "-c", "echo there; exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._holders.append(holder)
        there = holder.stdout.readline() == "there\n"
        made = subprocess.run([LAB, "tree", suite, *packages], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if there and made.returncode == 0:
            return Path(made.stdout.strip())
        said = made.stderr.strip().rpartition("\n")[2]
        return Missing(f"without {' '.join(packages)} of {suite}: {said}")

    def close(self):
        """The trees are in use no more."""
        for holder in self._holders:
            holder.stdin.close()
            holder.wait()
