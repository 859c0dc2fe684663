# SPDX-License-Identifier: GPL-2.0-only
"""A run of the tests ends with the versions of packages that it began with.

LAB_PINS is a file of tests/run. Its lines are a name and what was found for it when
the run first asked. The lab by hand has no such file and looks each time.
"""

import fcntl
import os


def pinned(name, resolve):
    """Return the value that the run has for this name: that of resolve() if nobody has
    asked before. resolve() must not ask for a pin itself."""
    path = os.environ.get("LAB_PINS")
    if not path:
        return resolve()
    with open(path, "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        found = dict(line.rstrip("\n").split(" ", 1) for line in file)
        if name not in found:
            found[name] = resolve()
            file.write(f"{name} {found[name]}\n")
        return found[name]


def began():
    """When the run began, as time.time() tells it, or None by hand."""
    path = os.environ.get("LAB_PINS")
    if not path:
        return None
    # tests/run writes this line, so there is nothing to wait for.
    with open(path, encoding="utf-8") as file:
        return float(dict(line.split(" ", 1) for line in file)["began"])
