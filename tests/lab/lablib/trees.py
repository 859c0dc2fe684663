# SPDX-License-Identifier: GPL-2.0-only
"""Trees of other suites of Debian: a minimal system and the packages that were asked for,
installed as there. A program of a tree runs in it (chroot)."""

import os
import shutil
import subprocess
from pathlib import Path

from . import apt, cache
from .say import run_step
from .suites import KEYRING, Suite, mirror

ENTER = Path(__file__).resolve().parent.parent / "enter"
TOP = Path(__file__).resolve().parents[3]


def _log(suite):
    return cache.root() / "log" / f"tree-{suite.name}.log"


def base(suite):
    """The minimal system that a suite's trees start from, which is a fresh machine's
    least: essential packages and apt."""
    suite = Suite(suite.release)

    def build(work, _final):
        apt.install("debootstrap")
        _log(suite).unlink(missing_ok=True)
        run_step(f"making a minimal {suite.name} (a minute)",
                 ["debootstrap", "--variant=minbase", f"--keyring={KEYRING}", suite.name,
                  work / "root", mirror()], _log(suite))
        # Nothing that is installed there is to be started.
        stop = work / "root/usr/sbin/policy-rc.d"
        stop.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        stop.chmod(0o755)
        for package in (work / "root/var/cache/apt/archives").glob("*.deb"):
            package.unlink()

    return cache.entry(f"base-{suite.name}", cache.key(suite.edition(), "1"), build) / "root"


def tree(suite, names):
    """The directory of a system with these packages."""
    suite = Suite(suite)
    root = base(suite)
    if not names:
        return root
    found = suite.find_all(name for name in names if "=" not in name)
    packages = sorted({found.get(name, name) for name in names})

    def build(work, _final):
        _log(suite).unlink(missing_ok=True)
        run_step(f"copying the minimal {suite.release}", ["cp", "-a", root, work / "root"],
                 _log(suite))
        shutil.copy("/etc/resolv.conf", work / "root/etc/resolv.conf")
        # The tree's own apt installs them by our lists, which are bound into the tree.
        with suite.current():
            what = " ".join(names) if len(names) < 8 else f"{len(names)} packages"
            run_step(f"installing {what} of {suite.name}",
                     [ENTER, "--write", work / "root", "/", suite.directory, "--",
                      "apt-get", "-q", "-y", *suite.options("/var/lib/dpkg/status"),
                      "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=",
                      "install", *packages],
                     _log(suite), env={"DEBIAN_FRONTEND": "noninteractive"})

    digest = cache.key(root.parent.name, suite.name, *packages, "1")
    return cache.entry(f"tree-{suite.name}", digest, build) / "root"


def root_of(path):
    """The root directory of the tree that has this file; / if none has."""
    for parent in Path(path).absolute().parents:
        if parent.name == "root" and parent.parent.parent == cache.root() and \
                parent.parent.name.startswith("tree-"):
            return parent
    return Path("/")


def command(root, argv, directory=None):
    """The command line that runs argv in a tree. The project, its build directory, the
    cache and /tmp are bound into the tree."""
    binds = [Path("/tmp"), TOP, cache.root(), Path(os.environ.get("BUILD", TOP / ".build"))]
    return [ENTER, root, directory or os.getcwd(),
            *(path for path in binds if path.exists()), "--", *argv]
