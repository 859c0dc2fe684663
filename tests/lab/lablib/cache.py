# SPDX-License-Identifier: GPL-2.0-only
"""What is expensive is built once and kept outside the tree.

An entry is a directory whose name ends in a hash of everything it was made
from. It is built in a temporary directory, stamped, and renamed into place, so
whatever is found under its final name without a stamp is a broken one: it is
thrown away and built again.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from pathlib import Path

from .say import say

STAMP = ".complete"


def root():
    """The cache's directory."""
    chosen = os.environ.get("VMXDBG_CACHE")
    if chosen:
        path = Path(chosen).absolute()
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        path = Path(base) / "vmxdbg"
    path.mkdir(parents=True, exist_ok=True)
    return path


def key(*parts):
    """A short hash of texts, bytes and the contents of files."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.read_bytes()
        if isinstance(part, str):
            part = part.encode()
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:16]


def _lock_directory():
    directory = root() / "lock"
    directory.mkdir(exist_ok=True)
    return directory


@contextlib.contextmanager
def lock(name, waiting_for):
    """Hold the named lock; say so when another process has it."""
    with (_lock_directory() / name).open("w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for {waiting_for}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _try_lock(path):
    """The file, locked, or None where another process has it."""
    handle = path.open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


@contextlib.contextmanager
def one_of(name, count, waiting_for):
    """Hold one of count locks of this name, whichever is free first."""
    paths = [_lock_directory() / f"{name}.{number}" for number in range(count)]
    waiting = False
    while True:
        for path in paths:
            handle = _try_lock(path)
            if handle:
                with handle:
                    yield
                return
        if not waiting:
            say(f"waiting for {waiting_for}")
            waiting = True
        time.sleep(0.1)


def is_complete(path):
    return (path / STAMP).is_file()


def entry(name, digest, build):
    """The directory of an entry. build(work, final) fills the directory work,
    which will be moved to final, when the entry is not there yet."""
    final = root() / f"{name}-{digest}"
    if is_complete(final):
        return final
    with lock(f"{name}.lock", f"another process that builds {name}"):
        if is_complete(final):
            return final
        if final.exists():
            say(f"{final} is incomplete: building it again")
            shutil.rmtree(final)
        work = root() / "tmp" / f"{name}-{os.getpid()}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        build(work, final)
        # What is stamped must have reached the disk before its stamp does.
        os.sync()
        (work / STAMP).write_text(digest + "\n", encoding="ascii")
        work.rename(final)
        _forget_older(name, final)
    return final


def _forget_older(name, keep):
    """The entry before this one stays too, for whoever goes back and forth."""
    others = [p for p in root().glob(f"{name}-*")
              if p != keep and len(p.name) == len(keep.name)]
    others.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    for path in others[1:]:
        shutil.rmtree(path, ignore_errors=True)
