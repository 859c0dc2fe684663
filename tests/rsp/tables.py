#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each packet and monitor command is in the documents that list them.

The daemon's help says which monitor commands there are; the packets are read from the
tables in userspace/libvmxgdb/packet.
"""
import os
import re
import sys

import rsp
from protocol import equal, guest

TAP = rsp.Tap()
test = TAP.test
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
LITERAL = re.compile(r"``([^`]+)``")

# Commands that show nothing but the list of commands
NOT_IN_GDB = {"help"}


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def monitor_commands():
    """Return [(name, arguments and help)]."""
    with guest() as g:
        found = re.findall(r"^monitor (\S+) +(.*)", g.monitor("help"), re.M)
    assert len(found) > 25, found
    return found


def packets():
    """Return the beginnings of packets that are handled, as they stand in the table."""
    text = read("userspace/libvmxgdb/packet/commands.c")
    found = re.findall(r'^\t\{ "([^"]+)", ', text, re.M)
    assert len(found) > 70 and "qSupported" in found, found
    return found


def objects():
    text = read("userspace/libvmxgdb/packet/cmd_documents.c")
    table = re.search(r"documents\[\] = \{(.*?)\n\};", text, re.S)[1]
    return re.findall(r'\{ "([^"]+)", ', table)


def rows():
    """Return [(names, reply, tests)] of packets.rst."""
    text = read("Documentation/packets.rst")
    cells = re.findall(r"^   \* - (.*?)\n     - (.*?)\n     - (.*?)(?=\n   \* - |\n\n|\n*\Z)", text,
                       re.M | re.S)
    return [(LITERAL.findall(names), " ".join(reply.split()),
             re.split(r",\s*", tests)) for names, reply, tests in cells
            if names != "Packet"]


def words(names):
    return [word for name in names for word in name.split()]


def is_named(packet, names):
    """Is it in the first cell of a row, with or without its arguments?"""
    start = re.escape(packet.rstrip(":;,=")) + r"(?![A-Za-z.])"
    if len(packet) == 1 and packet in "Zz":
        start = packet + r"\d?"
    return any(re.match(start, word) for word in words(names))


def source(name):
    """Return the path of a test that packets.rst names."""
    return f"tests/{name}" if "/" in name else f"tests/rsp/{name}"


# ---- monitor commands ----

@test("each monitor command has a line of help")
def help_texts():
    for name, text in monitor_commands():
        assert re.search(r"[a-z]{3,} [a-z]", text), (name, text)
        with guest() as g:
            shown = g.monitor(f"help {name}")
        assert shown.startswith(f"monitor {name} "), shown


@test("each monitor command is a command of vmxdbg.gdb")
def gdb_commands():
    text = read("userspace/vmxdbgd/vmxdbg.gdb")
    known = set(re.findall(r"^(?:define|alias) vmx-(\S+)", text, re.M))
    equal(sorted({name for name, _ in monitor_commands()} - NOT_IN_GDB - known), [])


@test("each monitor command is in vmxdbgd(1)")
def manual():
    text = read("Documentation/man/vmxdbgd.1").replace("\\", "")
    known = set(re.findall(r'^\.[BIR]+ "?monitor (\w+)', text, re.M))
    equal(sorted({name for name, _ in monitor_commands()} - known), [])


# ---- packets ----

@test("each packet is in packets.rst")
def packet_rows():
    names = [name for first, reply, _ in rows() for name in first
             if not reply.startswith("Empty")]
    equal([packet for packet in packets() if packet != "qXfer:" and
           not is_named(packet, names)], [])


@test("each qXfer object is in packets.rst")
def object_rows():
    names = words(name for first, reply, _ in rows() for name in first
                  if not reply.startswith("Empty"))
    equal([item for item in objects()
           if not any(re.match(rf"qXfer:{re.escape(item)}(?![\w-])", name) for name in names)], [])


@test("packets.rst names no packet that is unknown")
def no_strange_rows():
    known = packets()
    for first, reply, _ in rows():
        for name in first:
            if not reply.startswith("Empty"):
                assert any(is_named(packet, [name]) or name.startswith(packet)
                           for packet in known), name


# A test with gdb does not name the packets that gdb sends.
@test("the tests that packets.rst names are there, and one of them sends the packet")
def tests_named():
    for first, reply, tests in rows():
        for name in tests:
            assert os.path.exists(os.path.join(TOP, source(name))), (first, name)
        if reply.startswith("Empty") or any(name.endswith("_gdb.py") for name in tests):
            continue
        texts = "\n".join(read(source(name)) for name in tests)
        for name in first:
            start = re.split(r"[:;,= ](?=N\b|[A-Z]{2}|<|\W)|:read| |…", name)[0]
            sent = re.escape(start) if len(start) > 2 else rf"[\"'`]{re.escape(start)}"
            if start == "qRcmd":
                sent = r"\.monitor\("
            assert re.search(sent, texts), (name, start, tests)


@test("packets whose empty reply is meant get it")
def empty():
    with guest() as g:
        for first, reply, _ in rows():
            if not reply.startswith("Empty"):
                continue
            for packet in first:
                equal((packet, g.ask(packet)), (packet, ""))


if __name__ == "__main__":
    sys.exit(TAP.run())
