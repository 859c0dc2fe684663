# SPDX-License-Identifier: GPL-2.0-only
"""Tells tests/run when this process waits: for another process, for apt, for a part
of the lab that is built.

LAB_WAITS is a directory. A file in it is locked for as long as its process waits, so
that the end of a process ends its wait too.
"""

import contextlib
import fcntl
import os
import tempfile


@contextlib.contextmanager
def waiting():
    """The body does not count against a suite's limit."""
    directory = os.environ.get("LAB_WAITS")
    if not directory:
        yield
        return
    with tempfile.NamedTemporaryFile(prefix="lab.", dir=directory) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
