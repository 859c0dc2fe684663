# SPDX-License-Identifier: GPL-2.0-only
"""The programs and files that the project needs, read from its sources."""

import ast
import functools
import os
import re
import subprocess
import tempfile
from pathlib import Path

import shell

TOP = Path(__file__).resolve().parents[2]
LAB = TOP / "tests/lab/lab"
NEED = TOP / "tests/lab/need"
_BUILD = TOP / "tests/build"

# Packages install files there, but for this project's own. The kernel and this project make
# those elsewhere. The path of a file whose name is known only when the program runs has a
# zero byte.
_PACKAGED = re.compile(r"/(usr|bin|sbin|lib|lib64|boot)/(?!share/vmxdbg/)[^\s*\\\0]+")

# Python's ways to run a command: their own, and those of tests/lab and tests/bench.
_RUNNERS = {"run", "Popen", "run_step", "_build_step", "output_of", "_spawn", "_ask", "command"}


class Program:
    """One program of the project.

    programs: names that it looks for in PATH; files: paths of packages; others: programs
    of the project that it starts; sourced: files that it sources; makes: (directory,
    arguments, file) of make, and where that stands; puzzles: commands that could not be
    told."""

    def __init__(self, path):
        self.path = path
        self.programs = set()
        self.files = set()
        self.others = set()
        self.sourced = set()
        self.makes = []
        self.puzzles = []
        text = path.read_text(encoding="utf-8")
        first = text.partition("\n")[0]
        if path.name == "Makefile":
            self._make(path.parent, ["all", "check", "check-debug", "demo", "debug", "bench",
                                     "install", "check-here", "deb", "lab", "clean"])
        elif "python3" in first or path.suffix == ".py":
            self._python(text)
            if path == LAB:
                for module in sorted(path.parent.glob("lablib/*.py")):
                    self._python(module.read_text(encoding="utf-8"))
        else:
            self._shell(text, path)
        if first.startswith("#!"):
            self.programs.add(first.split("/")[-1].split()[-1])

    def declared(self, file=None):
        """The packages that it and what it sources declare, or a file alone that it
        sources."""
        files = [file] if file in self.sourced else [self.path, *sorted(self.sourced)]
        return subprocess.run([NEED, "-l", *files], capture_output=True, text=True,
                              check=True).stdout.split()

    # -- shell -------------------------------------------------------------

    def _shell(self, text, file, variables=None, functions=None):
        reader = shell.Reader(text, self.path, variables, functions)
        sourced = [Path(os.path.normpath(words[1])) for words in reader.commands
                   if words[0] in (".", "source")]
        if sourced:
            variables, functions = {}, {}
            for path in sourced:
                self.sourced.add(path)
                inner = self._shell(path.read_text(encoding="utf-8"), path, variables,
                                    functions)
                variables, functions = inner.variables, inner.functions
            reader = shell.Reader(text, self.path, variables, functions)
        for words in reader.commands:
            self._command(words, reader)
            if words[0] == "make" or TOP / words[0] == _BUILD:
                self._make_of(words, file)
        for word in reader.words:
            found = word.partition(":")[0]
            if _PACKAGED.fullmatch(found):
                self.files.add(found)
            # A variable of make that names a program.
            if re.fullmatch(r"(CC|CHECK|LD)=[a-z][\w.+-]*", word):
                self.programs.add(word.partition("=")[2])
        return reader

    def _command(self, words, reader):
        name = words[0]
        if name in reader.functions or name in shell.BUILTINS:
            return
        if name == "command" and words[1:2] == ["-v"]:
            self.programs.add(words[2])
            return
        if name == "python3" and words[1:] and Path(words[1]).is_file():
            self.others.add(Path(words[1]))
        if not os.path.dirname(name) and shell.UNKNOWN not in name:
            self.programs.add(name)
            return
        # The program was built before, or the caller passes it.
        built = (f"{shell.UNKNOWN}/", "./", f"{TOP}/.build/")
        path = Path(os.path.normpath(TOP / name))
        if name.startswith(built):
            pass
        elif TOP in path.parents and path.is_file():
            self.others.add(path)
        elif _PACKAGED.fullmatch(name):
            self.files.add(name)
        else:
            self.puzzles.append(name)

    # -- make --------------------------------------------------------------

    def _make_of(self, words, file):
        if "-C" not in words:
            return
        directory = words[words.index("-C") + 1]
        if shell.UNKNOWN in directory:
            # A kernel's: tests/fresh/check builds a module.
            return
        # A relative one is of a suite that has gone to the top of the tree.
        directory = TOP / directory
        known = [word for word in words[words.index("-C") + 2:]
                 if shell.UNKNOWN not in word and not word.startswith(("O=", "/"))]
        self.makes.append((directory, tuple(known), file))
        self._make(directory, known)

    def _make(self, directory, arguments):
        """Read the commands that make would run if everything had to be made."""
        try:
            reader = _recipes(directory, tuple(arguments))
        except ValueError as error:
            self.puzzles.append(f"make -C {directory}: {error}")
            return
        for words in reader.commands:
            self._command(words, reader)

    # -- Python ------------------------------------------------------------

    def _python(self, text):
        tree = ast.parse(text)
        self._names = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._names[node.targets[0].id] = node.value
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else \
                    getattr(node.func, "id", None)
                if called in _RUNNERS:
                    self._arguments(node.args)
                if called in ("output_of", "_ask"):
                    self._first(node.args[0])
            elif isinstance(node, ast.Assign) and \
                    getattr(node.targets[0], "id", None) in ("argv", "command"):
                self._arguments([node.value])
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.List):
                self._arguments([node.value])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                # Alone, or in an emulator's configuration.
                self.files.update(found for found in [node.value,
                                                      *re.findall(r"=(/\S+)", node.value)]
                                  if _PACKAGED.fullmatch(found))

    def _arguments(self, values):
        for value in values:
            while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
                value = value.left
            if isinstance(value, ast.List) and value.elts:
                self._first(value.elts[0])

    def _first(self, value):
        """The first word of a command."""
        if isinstance(value, ast.Name):
            value = self._names.get(value.id, value)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if re.fullmatch(r"[a-z][\w.+-]*", value.value):
                self.programs.add(value.value)
        elif isinstance(value, ast.BinOp) and isinstance(value.right, ast.Constant):
            # A path below some directory of the project.
            self.others.update(path for path in TOP.glob(f"tests/**/{value.right.value}")
                               if path.is_file() and os.access(path, os.X_OK))


@functools.cache
def _recipes(directory, arguments):
    """The commands that make would run."""
    with tempfile.TemporaryDirectory() as out:
        said = subprocess.run(
            ["make", "--no-print-directory", "-n", "-B", "-C", directory, f"O={out}",
             f"BUILD={out}", *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, "MAKEFLAGS": "", "MAKELEVEL": "0"})
        if said.returncode != 0:
            raise ValueError(said.stderr)
        return shell.Reader(said.stdout.replace(out, "$out"), Path(directory) / "Makefile",
                            {"out": shell.UNKNOWN})


def everything():
    """All programs that a user or a suite starts, by their paths."""
    found = {}
    wanted = [TOP / ".ci/run", TOP / "Makefile", *TOP.glob("tests/suites/[0-9]*-*")]
    while wanted:
        path = wanted.pop()
        if path not in found:
            try:
                found[path] = Program(path)
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from error
            wanted += found[path].others
    return found
