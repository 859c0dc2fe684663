#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""All tests with gdb and the module, or those that are named, in one host.

	run.py [TEST...]

ON_MODULE_BUILD is where the guest is, ON_MODULE_FILES are the host's files."""
import importlib
import sys

from machine import TAP, end_host, end_shared

SUBJECTS = ("registers", "time_held", "inject", "calls", "events", "reset", "several", "ends")


def main():
    for subject in SUBJECTS:
        importlib.import_module(subject)

    @TAP.test("the host ends well")
    def host_ends():
        end_shared()
        status, said = end_host()
        assert status == 0, f"status {status}:\n{said}"

    if sys.argv[1:]:
        sys.argv.append("host_ends")
    return TAP.run()


if __name__ == "__main__":
    sys.exit(main())
