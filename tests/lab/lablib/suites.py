# SPDX-License-Identifier: GPL-2.0-only
"""Packages of other suites of Debian, by lists and sources of our own: those of this
machine stay as they are."""

import contextlib
import re
import subprocess
import time
from pathlib import Path

from . import apt, cache, pins, waits
from .say import LabError, run_step, say

RELEASES = ("bookworm", "trixie")
NAMES = (*RELEASES, *(f"{release}-backports" for release in RELEASES), "sid")

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# By hand, lists are read again when they are older (seconds).
_OLD = 3600

_LOG = "apt.log"


def _log():
    return cache.root() / "log" / _LOG


def mirror(label="Debian"):
    """The address that this machine has packages of this label from, or None."""
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)",
         "Created-By: Packages", "Origin: Debian", f"Label: {label}"],
        capture_output=True, text=True, check=True).stdout.split()
    return found[0] if found else None


def _mirrors():
    """The mirror of packages, and that of their security updates."""
    main = mirror()
    if not main:
        # A machine whose lists were never read.
        apt.update()
        main = mirror()
    if not main:
        raise LabError("this machine's package sources name no Debian mirror")
    return main, mirror("Debian-Security") or f"{main.rstrip('/')}-security/"


class Suite:
    """A suite of Debian: its lists in the cache, and what they say."""

    def __init__(self, name, kind="deb"):
        if name not in NAMES:
            raise LabError(f"no suite is called {name}: there are {' '.join(NAMES)}")
        self.name = name
        self.kind = kind
        # The release that its packages are made for.
        self.release = name.partition("-")[0]
        self.directory = cache.root() / "lists" / (name if kind == "deb" else f"{name}-src")

    def sources(self):
        """The lines of a sources.list."""
        main, security = _mirrors()
        where = [(main, self.release)]
        if self.release in RELEASES:
            where += [(main, f"{self.release}-updates"), (security, f"{self.release}-security")]
        if self.name != self.release:
            where.append((main, self.name))
        return "".join(f"{self.kind} [signed-by={KEYRING}] {at} {suite} main\n"
                       for at, suite in where)

    def options(self, status="/dev/null"):
        """Options that make apt use these lists, for a system with this status file."""
        # Backports are for those who ask for them by name.
        default = self.name if self.name != self.release else ""
        return ["-o", f"Dir::Etc::SourceList={self.directory}/sources.list",
                "-o", "Dir::Etc::SourceParts=/dev/null",
                "-o", "Dir::Etc::Preferences=/dev/null",
                "-o", "Dir::Etc::PreferencesParts=/dev/null",
                "-o", f"Dir::State::Lists={self.directory}/lists",
                "-o", f"Dir::State::Status={status}",
                "-o", f"Dir::Cache={self.directory}/cache",
                # A machine may have turned these off to save space. The first is valid
                # for one status file.
                "-o", f"Dir::Cache::pkgcache=pkgcache-{cache.key(str(status))}.bin",
                "-o", "Dir::Cache::srcpkgcache=srcpkgcache.bin",
                "-o", f"APT::Default-Release={default}",
                "-o", "APT::Install-Recommends=false",
                "-o", "Acquire::Languages=none",
                "-o", "Acquire::GzipIndexes=false",
                "-o", "DPkg::Lock::Timeout=3600",
                # The fetching user has no way into the cache of another user.
                "-o", "APT::Sandbox::User=root"]

    def _fresh(self):
        try:
            read = (self.directory / "read").stat().st_mtime
        except FileNotFoundError:
            return False
        began = pins.began()
        return read >= (time.time() - _OLD if began is None else began)

    def _lock(self, shared):
        return cache.lock(f"lists-{self.directory.name}.lock",
                          f"the package lists of {self.name}, which another process uses", shared)

    @contextlib.contextmanager
    def current(self, again=False):
        """The lists are there and not too old, and stay as they are."""
        if again or not self._fresh():
            with self._lock(shared=False), waits.waiting():
                if again or not self._fresh():
                    self._update()
        with self._lock(shared=True):
            yield

    def _update(self):
        for part in ("lists/partial", "cache/archives/partial"):
            (self.directory / part).mkdir(parents=True, exist_ok=True)
        sources = self.sources()
        (self.directory / "sources.list").write_text(sources, encoding="ascii")
        try:
            run_step(f"reading the package lists of {self.name}",
                     ["apt-get", "-q", *self.options(), "-o", "APT::Default-Release=", "update"],
                     _log())
            self._ask("apt-cache", "gencaches")
            # Packages that the lists no longer have.
            self._ask("apt-get", "autoclean")
        except LabError as error:
            # As gpgv says it, or sqv.
            if re.search("NO_PUBKEY|Missing key", _log().read_text(errors="replace")[-5000:]):
                raise LabError(f"{KEYRING} has no key for {self.name}: a newer package "
                               "debian-archive-keyring may have it") from error
            if not (self.directory / "read").exists():
                raise
            say(f"using the lists of {self.name} that were read before")
            return
        (self.directory / "read").touch()

    def _ask(self, *command, status="/dev/null"):
        return subprocess.run([command[0], *self.options(status), *command[1:]],
                              capture_output=True, text=True, check=False).stdout

    def find(self, name):
        """package=version for a name, which may be one|other: the first that there is."""
        return self.find_all([name])[name]

    def find_all(self, names):
        """Find many names; returns a dictionary."""
        names = list(names)
        candidates = {}

        def resolve(name):
            if not candidates:
                candidates.update(self._candidates(names))
            for package in name.split("|"):
                if package in candidates:
                    return f"{package}={candidates[package]}"
            raise LabError(f"{self.name} has no package {name}")

        return {name: pins.pinned(f"{self.name}:{name}", lambda name=name: resolve(name))
                for name in names}

    def _candidates(self, names):
        """The versions of the packages in these names that the suite has."""
        packages = [package for name in names for package in name.split("|")]
        with self.current():
            said = self._ask("apt-cache", "policy", *packages)
        return dict(re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: ([^(\s]\S*)$", said,
                               re.MULTILINE))

    def field(self, package, field):
        """A field of a package=version."""
        with self.current():
            shown = self._ask("apt-cache", "show", package)
        found = re.search(rf"^{field}: (.*)$", shown, re.MULTILINE)
        return found.group(1) if found else ""

    def edition(self):
        """The release's number today, 12.11 for example; a month if it has none."""
        return pins.pinned(f"{self.name}:edition", self._edition)

    def _edition(self):
        with self.current():
            (path,) = (self.directory / "lists").glob(f"*_dists_{self.release}_InRelease")
            said = dict(line.split(": ", 1) for line in
                        path.read_text(encoding="utf-8").splitlines() if ": " in line)
        return said.get("Version") or "-".join(said["Date"].split()[2:4])

    def would_install(self, packages, status):
        """The names of all packages that these bring to a system with this status."""
        with self.current():
            said = self._ask("apt-get", "-s", "install", *packages, status=status)
        found = re.findall(r"^Inst (\S+)", said, re.MULTILINE)
        return {name.partition(":")[0] for name in found}

    def fetch(self, package, directory):
        """The file of a package=version, in this directory."""
        command = ["apt-get", "-q", *self.options(), "download", package]
        try:
            with self.current(), waits.waiting():
                run_step(f"fetching {package} of {self.name}", command, _log(), cwd=directory)
        except LabError:
            with self.current(again=True):
                run_step(f"fetching {package} of {self.name}", command, _log(), cwd=directory)
        (found,) = Path(directory).glob(f"{package.partition('=')[0]}_*.deb")
        return found

    def fetch_source(self, package, directory):
        """The tarball of a source package=version, in this directory."""
        with self.current():
            run_step(f"fetching the source of {package} of {self.name}",
                     ["apt-get", "-q", *self.options(), "source", "--download-only",
                      "--tar-only", package], _log(), cwd=directory)
        (found,) = Path(directory).glob("*.orig.tar.*")
        return found
