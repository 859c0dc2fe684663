# SPDX-License-Identifier: GPL-2.0-only
"""The commands of a shell script, by the syntax tree that shfmt makes of it."""

import json
import os
import re
import subprocess

BUILTINS = set(""". : [ alias bg break cd continue declare echo eval exec exit export false fg
    getopts hash jobs kill let local mapfile printf pwd read readonly return set shift shopt
    source test times trap true type ulimit umask unalias unset wait""".split())

# Stands for what only a run can tell: a temporary directory, a command's output.
UNKNOWN = "\0"

# Programs that run a command: how many of their words that are no options come before it.
RUNS = {"env": 0, "exec": 0, "command": 0, "nice": 0, "nohup": 0, "xargs": 0, "timeout": 1}


def parse(text):
    """The syntax tree of a script's text."""
    done = subprocess.run(["shfmt", "--to-json"], input=text, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)


def nodes(node):
    """All nodes at and below this one, in the order of the text."""
    if isinstance(node, dict):
        if "Type" in node:
            yield node
        for below in node.values():
            yield from nodes(below)
    elif isinstance(node, list):
        for below in node:
            yield from nodes(below)


class Reader:
    """Reads one script: commands is a list of commands, each a list of words."""

    def __init__(self, text, path, variables=None, functions=None):
        self.path = path
        self.variables = dict(variables or {})
        # The functions that are defined, and where in their arguments the command is that
        # they run, or None.
        self.functions = dict(functions or {})
        self.commands = []
        self.words = set()
        tree = parse(text)
        bodies = {node["Name"]["Value"]: node["Body"] for node in nodes(tree)
                  if node["Type"] == "FuncDecl"}
        self.functions.update(dict.fromkeys(bodies))
        # Once more for each function that one may call before it is defined.
        for _ in bodies:
            self.functions.update({name: self._runs(body) for name, body in bodies.items()})
        self._read(tree)

    def _runs(self, body):
        """Where a function's arguments have a command that it runs, or None."""
        shifts = 0
        for node in nodes(body):
            if node["Type"] != "CallExpr" or not node.get("Args"):
                continue
            words = [self.text(word) for word in node["Args"]]
            inner = self.functions.get(words[0])
            if words[0] == "shift":
                shifts += int(words[1]) if words[1:] else 1
            elif words[0] == "$@":
                return shifts
            elif inner is not None and "$@" in words and inner >= words.index("$@") - 1:
                return shifts + inner - (words.index("$@") - 1)
        return None

    def _read(self, tree):
        self._runs_arguments = self._runs(tree) is not None
        for node in nodes(tree):
            if node["Type"] not in ("CallExpr", "DeclClause"):
                continue
            for assign in node.get("Assigns") or [] if node["Type"] == "CallExpr" \
                    else node.get("Args") or []:
                if assign.get("Name") and assign.get("Value"):
                    self.variables.setdefault(assign["Name"]["Value"],
                                              self.text(assign["Value"]))
            if node["Type"] == "CallExpr" and node.get("Args"):
                words = [self.text(word) for word in node["Args"]]
                self.words.update(words)
                self._command(words)

    def _command(self, words):
        name = words[0] if words else ""
        if name == "trap" or (name in ("sh", "bash") and words[1:2] == ["-c"]):
            inner = words[1] if name == "trap" else words[2]
            if inner != "-" and UNKNOWN not in inner:
                self.commands += Reader(inner, self.path, self.variables, self.functions).commands
        if name == "set" and words[1:2] == ["--"] and self._runs_arguments:
            # For the "$@" that comes later.
            self._command([word for word in words[2:] if not word.startswith("-")])
        elif name in self.functions and self.functions[name] is not None:
            self._command(words[1 + self.functions[name]:])
        elif name in RUNS:
            rest = words[1:]
            while rest and (rest[0].startswith("-") or "=" in rest[0]):
                rest = rest[1:]
            self.commands.append(words)
            self._command(rest[RUNS[name]:])
        elif name and name != "$@":
            self.commands.append(words)
            if "-exec" in words:
                self._command(words[words.index("-exec") + 1:])

    # -- what a word says --------------------------------------------------

    def text(self, word):
        """A word, with what is known of its variables put in."""
        return "".join(self._part(part) for part in word.get("Parts") or [])

    def _part(self, part):
        kind = part["Type"]
        if kind in ("Lit", "SglQuoted"):
            return re.sub(r"\\(.)", r"\1", part.get("Value", "")) if kind == "Lit" \
                else part.get("Value", "")
        if kind == "DblQuoted":
            return self.text(part)
        if kind == "CmdSubst":
            return self._output(part)
        if kind == "ParamExp":
            return self._parameter(part)
        return UNKNOWN

    def _parameter(self, part):
        name = part["Param"]["Value"]
        if name == "@" and part.get("Short"):
            return "$@"
        if name in ("0", "BASH_SOURCE"):
            return str(self.path)
        if name in self.variables:
            return self.variables[name]
        if name.isdigit():
            return f"{UNKNOWN}/"
        default = (part.get("Exp") or {}).get("Word")
        return self.text(default) if default else UNKNOWN

    def _output(self, part):
        """The output of dirname, and of cd with pwd."""
        calls = [[self.text(word) for word in node["Args"]] for node in nodes(part["Stmts"])
                 if node["Type"] == "CallExpr" and node.get("Args")]
        if calls[0][0] == "dirname":
            return os.path.dirname(calls[0][-1])
        if calls[0][0] == "cd" and ["pwd"] in calls:
            return os.path.normpath(calls[0][-1])
        return UNKNOWN
