#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libvmxgdb(3) describes each function of vmxgdb.h: arguments, errors, and threads."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../rsp"))
import rsp  # noqa: E402 # pylint: disable=wrong-import-position

TAP = rsp.Tap()
test = TAP.test
TOP = os.path.join(HERE, "../..")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def header():
    """Return {name: prototype in one line, without names of attributes}."""
    text = re.sub(r"/\*.*?\*/", "", read("userspace/libvmxgdb/vmxgdb.h"), flags=re.S)
    found = re.findall(r"^([a-z][^;{}#]*?\b(vgdb_\w+)\([^;{}]*\));", text, re.M)
    return {name: " ".join(prototype.split()) for prototype, name in found
            if not prototype.startswith("typedef")}


def operations():
    """Return {name: prototype} of the members of struct vgdb_ops."""
    members = re.search(r"struct vgdb_ops \{(.*?)\n\};", read("userspace/libvmxgdb/vmxgdb.h"),
                        re.S)[1]
    found = re.findall(r"(\w+) \(\*(\w+)\)\(([^;]*)\);", members)
    return {name: f"{kind} {name}({args})" for kind, name, args in found}


def plain(line):
    """Return the text of a line of .BI: words in quotes, or without."""
    return "".join(a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', line))


def manual():
    """Return {name: (prototype, text)} of the part FUNCTIONS."""
    part = re.search(r"^\.SH FUNCTIONS\n(.*?)^\.SH ", read("Documentation/man/libvmxgdb.3"),
                     re.M | re.S)[1]
    result = {}
    for entry in re.split(r"^\.TP\n|^\.SS .*\n", part, flags=re.M):
        heads = re.match(r"(?:\.B[I]? .*\n(?:\.TQ\n)?)*", entry)[0]
        for head in re.findall(r"^\.BI? (.*)", heads, re.M):
            prototype = plain(head)
            name = re.search(r"(\w+)\(", prototype)[1]
            assert name not in result, name
            result[name] = prototype, entry[len(heads):]
    return result


def same(one, other):
    assert one == other, f"{one!r} is not {other!r}"


@test("each function and operation is there, with its arguments")
def prototypes():
    found = {name: prototype for name, (prototype, _) in manual().items()}
    wanted = {**header(), **operations()}
    assert len(header()) > 40 and len(operations()) > 10
    same(sorted(found), sorted(wanted))
    for name, prototype in wanted.items():
        same(found[name], prototype)


@test("the text tells of each argument")
def arguments():
    for name, prototype in header().items():
        text = manual()[name][1]
        for argument in re.findall(r"(\w+)[,)]", prototype):
            if argument not in ("void", "g"):
                assert f"\\fI{argument}\\fP" in text, (name, argument)


@test("each function that can fail has its errors")
def errors():
    for name, prototype in header().items():
        text = manual()[name][1]
        if prototype.startswith("void ") or name == "vgdb_version":
            assert "Errors:" not in text, name
        else:
            errors_ = re.search(r"^Errors: (.*?)^\.br", text, re.M | re.S)
            assert errors_ and re.search(r"none|\bE[A-Z]{3,}|those of|error of", errors_[1]), name


@test("each function has the threads that may call it")
def threads():
    for name in header():
        found = re.search(r"^Threads: (.*)", manual()[name][1], re.M)
        assert found, name
        assert re.match(r"any|one at a time|the one that runs|a command's|an object's",
                        found[1]), (name, found[1])


@test("the page names each constant of the header that a caller passes or gets")
def constants():
    page = read("Documentation/man/libvmxgdb.3")
    for name in re.findall(r"^#define (VGDB_(?:NOTHING|STEPPED|BREAKPOINT|WATCHPOINT|SHUTDOWN|ERROR"
                           r"|OWN|WAIT|RUN|STEP|VERSION|VCPUS_MAX|FPU_SIZE))\b",
                           read("userspace/libvmxgdb/vmxgdb.h"), re.M):
        assert name in page, name


sys.exit(TAP.run())
