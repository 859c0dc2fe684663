# SPDX-License-Identifier: GPL-2.0-only
"""TAP, of clients that may be missing."""


class Tap:
    """Prints results as they come."""

    def __init__(self):
        self._count = 0
        self._failed = False
        print("TAP version 13", flush=True)

    def result(self, name, problem):
        """One test, which is good if there is no problem."""
        self._count += 1
        print(f"{'not ok' if problem else 'ok'} {self._count} - {name}")
        for line in (problem or "").splitlines():
            print(f"# {line}")
        self._failed |= bool(problem)
        print(end="", flush=True)

    def skip(self, name, reason):
        """One test that cannot be run here."""
        self._count += 1
        print(f"ok {self._count} - {name} # SKIP {reason}", flush=True)

    @staticmethod
    def say(text):
        """A line for whoever reads the log."""
        print(f"# {text}", flush=True)

    def end(self):
        """The plan. Return the exit status."""
        print(f"1..{self._count}", flush=True)
        return int(self._failed)
