#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compare a page of Documentation/ with the results of the kernel's selftests of KVM.

    page.py PAGE programs DIRECTORY     the programs that PAGE wants to run, one a line
    page.py PAGE compare FILE           TAP: FILE has the output of in-host/kvm-selftests

PAGE must have each program of DIRECTORY, in the table of results or in that of
programs that do not run. A program that passes on KVM and not on vmxdbg needs a reason.
"""
import os
import re
import sys
from pathlib import Path

RESULT = re.compile(r"^selftest (kvm|vmxdbg) (\S+) (\w+)$", re.M)
RUN = re.compile(r"^``(\w+)`` +(passes|skips|fails|hangs) +(passes|skips|fails|hangs)(?: +(\S.*))?$",
                 re.M)
NOT_RUN = re.compile(r"^``(\w+)`` +not run +(\S.*)$", re.M)


def read(page):
    """Return ({program: (on KVM, on vmxdbg, reason)}, {program: why it does not run})."""
    text = Path(page).read_text(encoding="utf-8")
    return ({name: (kvm, ours, why) for name, kvm, ours, why in RUN.findall(text)},
            dict(NOT_RUN.findall(text)))


def programs(page, directory):
    """Print the programs to run; fail if page and directory do not have the same."""
    run, left_out = read(page)
    there = set(os.listdir(directory))
    listed = set(run) | set(left_out)
    for name in sorted(there ^ listed):
        print(f"{name}: only {'built' if name in there else 'on the page'}", file=sys.stderr)
    for name in sorted(left_out):
        print(f"{name} does not run: {left_out[name]}", file=sys.stderr)
    print("\n".join(sorted(run)))
    return there == listed and not set(run) & set(left_out)


def compare(page, path):
    """Print TAP with a test for each program; return whether all are as on the page."""
    run, _ = read(page)
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    found = {(device, name): result for device, name, result in RESULT.findall(text)}
    good = True
    for number, (name, (kvm, ours, why)) in enumerate(sorted(run.items()), 1):
        results = found.get(("kvm", name)), found.get(("vmxdbg", name))
        right = results == (kvm, ours) and (kvm != "passes" or ours == "passes" or bool(why))
        good = good and right
        print(f"{'ok' if right else 'not ok'} {number} - {name}: "
              f"{results[0]} on KVM, {results[1]} on vmxdbg")
        if not right:
            print(f"# the page says: {kvm}, {ours}, {why or 'no reason'}")
    print(f"1..{len(run)}")
    return good and bool(run)


def main(arguments):
    """Run the command; return the exit status."""
    if len(arguments) != 3 or arguments[1] not in ("programs", "compare"):
        print(__doc__, file=sys.stderr)
        return 2
    command = programs if arguments[1] == "programs" else compare
    return 0 if command(arguments[0], arguments[2]) else 1


sys.exit(main(sys.argv[1:]))
