# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages: installed when missing, or fetched without being installed."""

import subprocess
from pathlib import Path

from . import cache
from .say import LabError, run_step

_APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]


def version(package):
    """The installed version of a package, or None."""
    query = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package],
        capture_output=True, text=True, check=False)
    status, _, found = query.stdout.partition(" ")
    return found if query.returncode == 0 and status == "installed" else None


def update():
    run_step("updating the package lists", [*_APT, "update"], cache.root() / "log" / "apt.log")


def install(*packages):
    """Install what is missing of these packages."""
    missing = [package for package in packages if version(package) is None]
    if not missing:
        return
    with cache.lock("apt.lock", "another process that installs packages"):
        update()
        run_step(f"installing {' '.join(missing)}",
                 [*_APT, "install", "-y", "--no-install-recommends", *missing],
                 cache.root() / "log" / "apt.log")


def upgrade(package):
    """Install the newest version of a package."""
    with cache.lock("apt.lock", "another process that installs packages"):
        update()
        run_step(f"installing the newest {package}",
                 [*_APT, "install", "-y", "--no-install-recommends", package],
                 cache.root() / "log" / "apt.log")


def download(package, directory):
    """Fetch a package's file into a directory without installing it."""
    command = [*_APT, "download", package]
    log = cache.root() / "log" / "apt.log"
    try:
        run_step(f"fetching {package}", command, log, cwd=directory)
    except LabError:
        # The lists may be old or missing.
        update()
        run_step(f"fetching {package}", command, log, cwd=directory)
    (found,) = Path(directory).glob(f"{package.split('=')[0]}_*.deb")
    return found


def _mirror():
    """The Debian mirror of this machine, and the key that it is signed with."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(SIGNED_BY)",
         "Created-By: Packages", "Origin: Debian", "Label: Debian"],
        capture_output=True, text=True, check=True).stdout
    mirror, _, key = targets.partition("\n")[0].partition(" ")
    return mirror, key


def fetch_source(suite, package, directory):
    """Fetch a source package's tarball from another Debian suite, with lists and
    sources of our own, so that those of this machine stay as they are."""
    mirror, key = _mirror()
    if not mirror:
        update()
        mirror, key = _mirror()
    if not mirror:
        raise LabError("this machine's package sources name no Debian mirror")
    # The key may be a file or a fingerprint; only a file is any good to us here.
    if not key.startswith("/"):
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    private = Path(directory) / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (private / part).mkdir(parents=True)
    (private / "sources.list").write_text(
        f"deb-src [signed-by={key}] {mirror} {suite} main\n", encoding="ascii")
    apt = [*_APT,
           "-o", f"Dir::Etc::SourceList={private}/sources.list",
           "-o", "Dir::Etc::SourceParts=/dev/null",
           "-o", f"Dir::State::Lists={private}/lists",
           "-o", f"Dir::Cache={private}/cache",
           # The fetching user has no way into the cache of another user.
           "-o", "APT::Sandbox::User=root"]
    log = cache.root() / "log" / "apt.log"
    run_step(f"reading the source package lists of {suite}", [*apt, "update"], log)
    run_step(f"fetching the source of {package}",
             [*apt, "source", "--download-only", "--tar-only", package], log, cwd=directory)
    (found,) = Path(directory).glob("*.orig.tar.*")
    return found
