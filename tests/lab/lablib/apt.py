# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of this machine: installed when missing."""

import subprocess
from pathlib import Path

from .say import LabError

NEED = Path(__file__).resolve().parent.parent / "need"


def version(package):
    """The installed version of a package, or None."""
    query = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package],
        capture_output=True, text=True, check=False)
    status, _, found = query.stdout.partition(" ")
    return found if query.returncode == 0 and status == "installed" else None


def release():
    """The code name of this machine's release of Debian."""
    for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    return "unknown"


def install(*packages):
    """Install what is missing of these packages."""
    if subprocess.run([NEED, *packages], stdin=subprocess.DEVNULL, check=False).returncode:
        raise LabError(f"without {' '.join(packages)} this cannot be done")


def update():
    """Update this machine's package lists."""
    if subprocess.run([NEED, "-u"], stdin=subprocess.DEVNULL, check=False).returncode:
        raise LabError("this machine's package lists cannot be updated")


def declared(*files):
    """The packages that these files declare, as the program need reads them."""
    return subprocess.run([NEED, "-l", *files], capture_output=True, text=True,
                          check=True).stdout.split()
