# SPDX-License-Identifier: GPL-2.0-only
"""Messages to the user, always on stderr, and the steps that the lab takes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path


class LabError(Exception):
    """The lab cannot do what was asked; the text is a sentence for the user."""


def say(text):
    print(f"lab: {text}", file=sys.stderr, flush=True)


def run_step(what, argv, log, env=None, cwd=None):
    """Run argv with its output in the file log, showing what is done and for how long."""
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"{what} ...")
    start = time.monotonic()
    done = threading.Event()

    def still_there():
        while not done.wait(30):
            say(f"{what}: {time.monotonic() - start:.0f} s so far")

    ticker = threading.Thread(target=still_there, daemon=True)
    ticker.start()
    try:
        with log.open("ab") as out:
            status = subprocess.run(
                [str(arg) for arg in argv], stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, cwd=cwd, check=False,
                env={**os.environ, **(env or {})}).returncode
    except OSError as error:
        raise LabError(f"{what} could not start: {error}") from error
    finally:
        done.set()
        ticker.join()
    if status != 0:
        for line in log.read_text(errors="replace").splitlines()[-15:]:
            print(f"  | {line}", file=sys.stderr)
        raise LabError(f"{what} failed with status {status}; its log is {log}")
    say(f"{what}: done in {time.monotonic() - start:.0f} s")
