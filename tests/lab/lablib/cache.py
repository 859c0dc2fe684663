# SPDX-License-Identifier: GPL-2.0-only
"""The cache: parts that take long to build are kept outside the tree.

An entry is a directory whose name ends in a hash of everything it was made
from. It is built in a temporary directory, stamped, and renamed into place, so
whatever is found under its final name without a stamp is a broken one: it is
thrown away and built again.

Clones share the cache. Whoever uses an entry holds a shared lock on its stamp until it
ends, and the stamp tells when that was last: what nobody holds and nobody has used for a
day makes room for what is new.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from . import waits
from .say import say

STAMP = ".complete"

# An entry stays for so long after its last use (seconds): the path of one may be in
# the hands of a program that holds no lock.
_KEPT = 24 * 3600

# The stamps of the entries that this process uses.
_held = {}


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
def lock(name, waiting_for, shared=False):
    """Hold the named lock; say so when another process has it."""
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with (_lock_directory() / name).open("w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for {waiting_for}")
            with waits.waiting():
                fcntl.flock(handle, how)
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
    handle = _first_free(paths)
    if not handle:
        say(f"waiting for {waiting_for}")
        with waits.waiting():
            while not handle:
                time.sleep(0.1)
                handle = _first_free(paths)
    with handle:
        yield


def _first_free(paths):
    """The first of these files that could be locked, or None."""
    return next(filter(None, map(_try_lock, paths)), None)


def is_complete(path):
    return (path / STAMP).is_file()


def has(name, digest):
    """Whether an entry is there."""
    return is_complete(root() / f"{name}-{digest}")


def entry(name, digest, build):
    """The directory of an entry. build(work, final) fills the directory work,
    which will be moved to final, when the entry is not there yet. It is in use until
    this process ends."""
    final = root() / f"{name}-{digest}"
    if _use(final):
        return final
    with lock(f"{name}.lock", f"another process that builds {name}"), waits.waiting():
        if _use(final):
            return final
        if final.exists():
            say(f"{final} is incomplete: building it again")
            shutil.rmtree(final)
        # The lock keeps other builders out of this directory.
        work = root() / "tmp" / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        build(work, final)
        # The contents must reach the disk before the stamp does.
        os.sync()
        (work / STAMP).write_text(digest + "\n", encoding="ascii")
        work.rename(final)
        _use(final)
        _forget_older(name, final)
    return final


def _use(path):
    """Hold an entry that is complete; returns whether it is."""
    try:
        stamp = (path / STAMP).open("rb")
        fcntl.flock(stamp, fcntl.LOCK_SH)
        os.utime(path / STAMP)
        # Somebody may have removed it before it was locked.
        there = os.path.samestat(os.fstat(stamp.fileno()), (path / STAMP).stat())
    except FileNotFoundError:
        return False
    if there:
        _held[path] = stamp
    return there


def let_go():
    """This process uses no entry any more."""
    while _held:
        _held.popitem()[1].close()


def keep_in_use():
    """The program that this process is to become holds what it uses, too."""
    for stamp in _held.values():
        os.set_inheritable(stamp.fileno(), True)


def remove(path):
    """Remove an entry if nobody uses it; returns whether that is so."""
    with (path / STAMP).open("rb") as stamp:
        try:
            fcntl.flock(stamp, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # From here on it is no entry, and nobody waits for long.
        gone = Path(tempfile.mkdtemp(prefix="gone-", dir=root()))
        path.rename(gone / path.name)
    shutil.rmtree(gone, ignore_errors=True)
    return True


def entries(name=""):
    """The complete entries of a name, or all; that which was used last comes first."""
    found = [path for path in root().glob(f"{name or '*'}-*")
             if is_complete(path) and (not name or len(path.name) == len(name) + 17)]
    return sorted(found, key=lambda path: (path / STAMP).stat().st_mtime, reverse=True)


def _forget_older(name, new):
    """The entry before the new one stays too, for whoever goes back and forth."""
    others = [path for path in entries(name) if path != new]
    for path in others[1:]:
        if time.time() - (path / STAMP).stat().st_mtime > _KEPT:
            remove(path)


def clean():
    """Remove all that nobody uses; returns the names of what stays."""
    stays = [path.name for path in entries() if not remove(path)]
    for path in (root() / "tmp").glob("*"):
        handle = _try_lock(_lock_directory() / f"{path.name}.lock")
        if handle:
            with handle:
                shutil.rmtree(path, ignore_errors=True)
        else:
            stays.append(f"tmp/{path.name}")
    for path in (root() / "lists").glob("*"):
        with lock(f"lists-{path.name}.lock", "another process that uses package lists"):
            shutil.rmtree(path, ignore_errors=True)
    for name in ("log", "last"):
        shutil.rmtree(root() / name, ignore_errors=True)
    # Entries that were never finished, as of older versions of the lab.
    for path in root().glob("*-*"):
        if path.is_dir() and path.name.startswith(("kernel-", "gone-")) and not is_complete(path):
            shutil.rmtree(path, ignore_errors=True)
    return stays
