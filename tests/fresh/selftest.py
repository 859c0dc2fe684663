# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the readers: each program that a source calls is found."""

import tempfile
from pathlib import Path

import calls

SHELL = """#!/bin/sh
. "$(dirname "$0")/sourced.sh"
one | two && ! three || (four; { five; }) &
for x in $(six); do seven "$(eight)" >"`nine`"; done
case $x in a) ten ;; esac
while eleven; do :; done
VARIABLE=1 twelve
ours() { thirteen; }
ours fourteen
named "a test" fifteen -x
outer A=1 "a test" twentysix -x
trap 'sixteen "$x"' EXIT
sh -c 'seventeen -y'
timeout 60 eighteen; xargs -r nineteen; env A=1 twenty; command -v twentyone
find . -exec twentytwo {} +
cat <<END
$(twentythree)
END
cat <<'END'
$(no_program)
END
make -C "$nowhere" CHECK=twentyfour
given() { set -- twentyfive; "$@" -z; }
echo no_program; true no_program
"$nowhere/built"; $unknown
cp /usr/lib/one.bin /usr/lib/two.bin:/elsewhere "$top/file"
"""

SOURCED = """top=$(cd "$(dirname "$0")" && pwd)
named() { name=$1; shift; "$@"; }
outer() { x=$1; shift; passed "$x" "$@"; }
passed() { y=$1; shift 1; named "$@"; }
sourced_program
"""

NUMBERS = ("one two three four five six seven eight nine ten eleven twelve thirteen fifteen "
           "sixteen seventeen eighteen nineteen twenty twentyone twentytwo twentythree "
           "twentyfour twentyfive twentysix sourced_program").split()

PYTHON = """#!/usr/bin/env python3
import subprocess
NAMED = ["three", "x"]
subprocess.run(["one", "-x"], check=True)
run_step("a text", ["two", *rest], log)
argv = ["four"]
command = argv + ["no_program"]
listed = ["no_program", "no_program"]
open("/usr/lib/one.bin")
text = "file=/usr/lib/two.bin"
own = "/usr/share/vmxdbg/own.gdb"
words = "no /usr/lib/three.bin"
"""


def _program(text, name="script"):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        path.write_text(text, encoding="ascii")
        (Path(directory) / "sourced.sh").write_text(SOURCED, encoding="ascii")
        return calls.Program(path)


def shell_is_read():
    """Yield what the reader of shell scripts gets wrong."""
    found = _program(SHELL)
    there = {"cat", "cp", "dirname", "env", "find", "make", "sh", "timeout", "xargs"}
    wanted = there | set(NUMBERS)
    yield from (f"not found: {name}" for name in sorted(wanted - found.programs))
    yield from (f"no program: {name}" for name in sorted(found.programs - wanted))
    if found.files != {"/usr/lib/one.bin", "/usr/lib/two.bin"}:
        yield f"files: {found.files}"
    if len(found.puzzles) != 1:
        yield f"one command is unknown, not these: {found.puzzles}"


def python_is_read():
    """Yield what the reader of Python gets wrong."""
    found = _program(PYTHON)
    if found.programs != {"one", "two", "four", "python3"}:
        yield f"programs: {sorted(found.programs)}"
    if found.files != {"/usr/lib/one.bin", "/usr/lib/two.bin"}:
        yield f"files: {found.files}"
