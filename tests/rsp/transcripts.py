#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run the transcripts of gdb in pages of Documentation/, and compare what gdb prints.

    transcripts.py [--show] [PAGE...]

A transcript is the literal block behind a comment of the page:

    .. transcript: small guest [OPTION...] [VARIABLE=VALUE...]
    .. transcript: continued

"small guest" is that of guest.S, behind the daemon with its fake target, which gets the
OPTIONs and the VARIABLEs of its environment (see fake_target.c). gdb has the guest's symbols,
unless --arch is among the options: the ELF is one of 64 bits. "continued" goes on where the
page's last transcript ended.

Lines that begin with "(gdb) " or "> " are typed, "^C" interrupts, and the other lines are what
gdb must print then; "$ " in front of all is for the reader. "..." stands for any text, alone in
a line for any lines. Empty lines do not count, and any number of blanks is as one. The
numbers of lines in guest.S may differ: tests add to it.

--show prints each transcript with what gdb prints now.
"""
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

import rsp
from rsp import Daemon

TAP = rsp.Tap()
HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, "../../Documentation")
ELF = os.path.join(rsp.BUILD, "guest.elf")
MARK = re.compile(r"\.\. transcript: (.*)")
GUEST = "small guest"
CONTINUED = "continued"
ADDRESS = ":1234"

# Where an installation has the file of commands, and where it is here
COMMANDS = ("/usr/share/vmxdbg/vmxdbg.gdb",
            os.path.join(HERE, "../../userspace/vmxdbgd/vmxdbg.gdb"))
TIMEOUT = 60

# The user's terminal, without what depends on its width and colors
BEGIN = ["set width 0", "set height 0", "set confirm off", "set style enabled off",
         "set remotetimeout 30"]


# ---- pages ----

class Step:
    """A typed line, and what is printed then."""

    def __init__(self, prompt, line):
        self.prompt, self.line, self.printed = prompt, line, []


class Transcript:
    def __init__(self, page, number, mark):
        self.page, self.number, self.mark = page, number, mark
        self.steps = []

    def name(self):
        return f"{self.page}, line {self.number}"

    def add(self, line):
        for prompt in ("(gdb) ", "> "):
            if line.startswith(prompt):
                self.steps.append(Step(prompt, line[len(prompt):]))
                return
        if line == "^C":
            self.steps.append(Step("^C", ""))
            return
        # In front of it stand commands of the shell, which are not run.
        assert self.steps or not line or line.startswith("$ "), \
            f"{self.name()}: a transcript begins with (gdb)"
        if line and self.steps:
            self.steps[-1].printed.append(line)


def transcripts_of(page, text):
    """Return the page's transcripts."""
    lines = text.split("\n")
    found = []
    for number, line in enumerate(lines):
        mark = MARK.fullmatch(line)
        if not mark:
            continue
        at = next((i for i in range(number + 1, len(lines)) if lines[i].endswith("::")), None)
        assert at is not None, f"{page}, line {number + 1}: no literal block follows"
        transcript = Transcript(page, at + 1, mark[1])
        for line in lines[at + 1:]:
            if line and not line.startswith(" "):
                break
            transcript.add(line[3:].rstrip())
        assert transcript.steps, f"{transcript.name()}: nothing is typed"
        found.append(transcript)
    return found


# ---- gdb ----

class Session:
    """gdb, connected to the guest unless the transcript connects."""

    def __init__(self, transcript):
        words = transcript.mark[len(GUEST):].split()
        options = [word for word in words if not re.match(r"\w+=", word)]
        env = dict(word.split("=", 1) for word in words if word not in options)
        self.daemon = Daemon(*options, env=env, transport="tcp")
        assert self.daemon.wait_said("waiting for gdb")
        self.where = re.search(r"gdb at (\S+)", self.daemon.said())[1]
        begin = list(BEGIN)
        if not any(step.line.startswith("target ") for step in transcript.steps):
            begin.append(f"target remote {self.where}")
        args = [arg for command in begin for arg in ("-ex", command)]
        self.home = tempfile.mkdtemp(prefix="transcript.")
        self.gdb = subprocess.Popen(
            ["gdb", "-nx", "-q", *args, *([] if "--arch" in options else [ELF])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=HERE, env=dict(os.environ, HOME=self.home))
        self.wait("(gdb) ")

    def read_until(self, found):
        """Return the output up to where found(output) is true."""
        out, end = "", time.monotonic() + TIMEOUT
        while not found(out):
            ready = select.select([self.gdb.stdout], [], [], max(0, end - time.monotonic()))[0]
            more = os.read(self.gdb.stdout.fileno(), 65536) if ready else b""
            assert more, f"gdb has printed only:\n{out}"
            out += more.decode("utf-8", "replace")
        return out

    def wait(self, prompt):
        prompt = prompt if prompt == "(gdb) " else ">"
        return self.read_until(lambda out: out.endswith(prompt))[:-len(prompt)]

    def interrupt(self):
        time.sleep(0.2)
        self.gdb.send_signal(signal.SIGINT)

    def type(self, step, following):
        """Return the lines that are printed for the step."""
        if step.prompt == "^C":
            self.interrupt()
        else:
            line = step.line.replace(ADDRESS, self.where).replace(*COMMANDS)
            self.gdb.stdin.write(line.encode() + b"\n")
            self.gdb.stdin.flush()
        if following and following.prompt == "^C":
            text = self.read_until(lambda out: "Continuing" in out)
        else:
            text = self.wait(following.prompt if following else "(gdb) ")
        text = text.replace(self.where, ADDRESS)
        return [line.rstrip() for line in text.split("\n") if line.strip()]

    def end(self):
        self.gdb.stdin.close()
        try:
            self.gdb.wait(TIMEOUT)
        finally:
            self.gdb.kill()
            self.gdb.wait()
            self.gdb.stdout.close()
            subprocess.run(["rm", "-rf", self.home], check=True)
            self.daemon.end()


# ---- comparison ----

def pattern_of(lines):
    """Return a regular expression for the lines of a transcript."""
    parts = [r"(?:.*\n)*?" if line.strip() == "..." else
             ".*?".join(re.escape(part) for part in line.split("...")) + r"\n"
             for line in lines]
    return re.compile("".join(parts))


def plain(lines):
    """Lines with single blanks, and without the numbers of lines in the guest's source."""
    blanks = [re.sub(r"[ \t]+", " ", line) for line in lines]
    return [re.sub(r"(guest\.S:)\d+|^\d+(?= [a-z])", r"\1N", line) for line in blanks]


def agrees(wanted, printed):
    text = "".join(line + "\n" for line in plain(printed))
    return pattern_of(plain(wanted)).fullmatch(text) is not None


def run_transcript(session, transcript):
    """Yield (step, the lines that gdb prints for it)."""
    following = transcript.steps[1:] + [None]
    for step, after in zip(transcript.steps, following):
        yield step, session.type(step, after)


def compare(session, transcript):
    for step, printed in run_transcript(session, transcript):
        if not agrees(step.printed, printed):
            raise AssertionError(f"{transcript.name()}: ({step.line or step.prompt}) should "
                                 "print\n  " + "\n  ".join(step.printed) + "\nand prints\n  " +
                                 "\n  ".join(printed))


def show(session, transcript):
    print(f"# {transcript.name()}")
    for step, printed in run_transcript(session, transcript):
        print(f"   {step.prompt}{step.line}")
        for line in printed:
            print(f"   {line.expandtabs()}")


def sessions_of(transcripts):
    """Return the transcripts in groups that have a session each."""
    groups = []
    for transcript in transcripts:
        if transcript.mark == CONTINUED and groups:
            groups[-1].append(transcript)
        else:
            assert transcript.mark.startswith(GUEST), f"{transcript.name()}: which guest?"
            groups.append([transcript])
    return groups


def run_group(group, action):
    session = Session(group[0])
    try:
        for transcript in group:
            action(session, transcript)
    finally:
        session.end()


# ---- tests ----

SAMPLE = """
.. transcript: small guest

A breakpoint::

   (gdb) print 6 * 7
   $1 = 42
   (gdb) stepi
   ...
   (gdb) x/2xb 0x10000
   0x10000...:\t0x48\t0xc7

.. transcript: continued

::

   (gdb) print $1 + 1
   $2 = 43
"""


def sample(text):
    for group in sessions_of(transcripts_of("sample", text)):
        run_group(group, compare)


def wrong(text):
    try:
        sample(text)
    except AssertionError:
        return
    raise AssertionError(f"nothing is wrong with:\n{text}")


@TAP.test("a transcript that is right passes, and one with another output fails")
def samples():
    sample(SAMPLE)
    wrong(SAMPLE.replace("= 42", "= 43"))
    wrong(SAMPLE.replace("0xc7", "0xc8"))
    wrong(SAMPLE.replace("   $1 = 42\n", ""))
    wrong(SAMPLE.replace("= 43", "= 43\n   $3 = 44"))
    wrong(SAMPLE.replace("small guest", "large guest"))


def pages(names):
    for name in sorted(names or os.listdir(PAGES)):
        if not name.endswith(".rst"):
            continue
        with open(os.path.join(PAGES, name), encoding="utf-8") as file:
            yield name, transcripts_of(name, file.read())


# The pages whose transcripts cannot become fewer unnoticed
AT_LEAST = {"tutorial-from-qemu.rst": 5, "tutorial-gdb.rst": 5}


@TAP.test("the tutorials have transcripts")
def enough():
    for name, transcripts in pages(AT_LEAST):
        assert len(transcripts) >= AT_LEAST[name], (name, len(transcripts))


def add_tests():
    for name, transcripts in pages([]):
        for group in sessions_of(transcripts):
            def run(group=group):
                run_group(group, compare)
            run.__name__ = f"{name.removesuffix('.rst')}:{group[0].number}"
            TAP.test(f"{name}: transcripts from line {group[0].number} on")(run)


def main():
    if sys.argv[1:2] != ["--show"]:
        add_tests()
        return TAP.run()
    for _, transcripts in pages(sys.argv[2:]):
        for group in sessions_of(transcripts):
            run_group(group, show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
