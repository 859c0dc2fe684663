# SPDX-License-Identifier: GPL-2.0-only
"""Writes initial ramdisks: cpio archives in the newc format.

The kernel's own documentation of the format: driver-api/early-userspace/buffer-format.
"""

import os
import stat
from pathlib import Path

_DEV_NONE = (0, 0)


class Writer:
    """One archive. Directories above an added name are added by themselves."""

    def __init__(self, path):
        self._out = Path(path).open("wb")
        self._inode = 0
        self._directories = {""}

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self._entry("TRAILER!!!", 0, b"")
        # Archives can be joined end to end at a multiple of four bytes.
        self._out.close()

    def _entry(self, name, mode, data, device=_DEV_NONE):
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self._out.write(head + bytes(-len(head) % 4))
        self._out.write(data)
        self._out.write(bytes(-len(data) % 4))

    def _parents(self, name):
        for parent in reversed(Path(name).parents[:-1]):
            self.directory(str(parent))

    def directory(self, name, mode=0o755):
        if name not in self._directories:
            self._parents(name)
            self._directories.add(name)
            self._entry(name, stat.S_IFDIR | mode, b"")

    def file(self, name, source, mode=None):
        """Add the file source; its mode is kept unless one is given."""
        source = Path(source)
        if mode is None:
            mode = source.stat().st_mode & 0o777
        self._parents(name)
        self._entry(name, stat.S_IFREG | mode, source.read_bytes())

    def text(self, name, content, mode=0o644):
        self._parents(name)
        self._entry(name, stat.S_IFREG | mode, content.encode())

    def link(self, name, target):
        self._parents(name)
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, mode, major, minor):
        self._parents(name)
        self._entry(name, stat.S_IFCHR | mode, b"", (major, minor))

    def tree(self, source, prefix=""):
        """Add all that is below the directory source."""
        source = Path(source)
        for directory, names, files in os.walk(source):
            names.sort()
            for found in sorted(names + files):
                path = Path(directory) / found
                name = os.path.join(prefix, path.relative_to(source))
                if path.is_symlink():
                    self.link(name, os.readlink(path))
                elif path.is_dir():
                    self.directory(name)
                else:
                    self.file(name, path)


def write_tree(path, source):
    """An archive of all that is below the directory source."""
    with Writer(path) as archive:
        archive.tree(source)
