#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of how the daemon is started: sockets of others, systemd, readiness, rights, messages."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

import rsp
from protocol import converse, equal, matches, run
from rsp import Daemon, Line

TAP = rsp.Tap()
test = TAP.test
PROGRAM = [os.path.join(rsp.BUILD, "fake-vmxdbgd"), "--device",
           os.path.join(rsp.BUILD, "guest.bin")]
ROOT = os.geteuid() == 0
NO_LEAK_CHECK = {"ASAN_OPTIONS": "detect_leaks=0"}


class Started:
    """A daemon with descriptors of ours. @fds: those it gets under the numbers from 3 on"""

    def __init__(self, *options, fds=(), env=None, launcher=(), stay_root=True):
        self.log = tempfile.TemporaryFile("w+", encoding="latin-1")
        root = rsp.STAY_ROOT if stay_root else []
        numbers = list(range(3, 3 + len(fds)))

        def pass_fds():
            copies = [os.dup2(fd, 100 + n) for n, fd in enumerate(fds)]
            for number, copy in zip(numbers, copies):
                os.dup2(copy, number)
                os.close(copy)

        shell = [*launcher, *PROGRAM, *root, *options]
        if env and "LISTEN_FDS" in env and "LISTEN_PID" not in env:
            # The number of the process is known only in it: exec keeps it.
            shell = ["sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh", *shell]
        self.process = subprocess.Popen(
            shell, stderr=self.log, preexec_fn=pass_fds, close_fds=False,
            env={**os.environ, **(env or {})})

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def wait_said(self, text):
        end = time.monotonic() + rsp.TIMEOUT
        while text not in self.said():
            assert time.monotonic() < end and self.process.poll() is None, self.said()
            time.sleep(0.01)

    def end(self, status=0):
        """End the daemon, or with a status other than 0, wait until it has ended by itself."""
        if self.process.poll() is None and not status:
            self.process.send_signal(signal.SIGTERM)
        got = self.process.wait(rsp.TIMEOUT)
        said = self.said()
        assert got == status and "Sanitizer" not in said, (got, said)
        return said


@contextlib.contextmanager
def started(*args, **kwargs):
    d = Started(*args, **kwargs)
    try:
        yield d
        d.end()
    finally:
        if d.process.poll() is None:
            d.process.kill()
            d.process.wait()


def line_of(sock):
    return Line(sock.fileno(), sock.fileno(), sock.close)


def connect(family, address):
    end = time.monotonic() + rsp.TIMEOUT
    while True:
        sock = socket.socket(family)
        try:
            sock.connect(address)
            return line_of(sock)
        except OSError:
            sock.close()
            assert time.monotonic() < end
            time.sleep(0.01)


@contextlib.contextmanager
def listener(path=None):
    if path:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
    else:
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
    sock.listen(4)
    with sock:
        yield sock


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="rsp.")
    try:
        yield path
    finally:
        shutil.rmtree(path)


# ---- --fd ----

@test("--fd: a listening socket of TCP, several debuggers one after another")
def fd_listens():
    with listener() as sock, started("--fd", "3", fds=[sock.fileno()]) as d:
        d.wait_said("waiting for gdb at 127.0.0.1:%d\n" % sock.getsockname()[1])
        for _ in range(2):
            g = connect(socket.AF_INET, sock.getsockname())
            converse(g)
            g.close()


@test("--fd: a connected socket; the daemon ends with it")
def fd_connected():
    ours, theirs = socket.socketpair()
    with theirs, started("--fd", "3", fds=[theirs.fileno()]) as d:
        theirs.close()
        g = line_of(ours)
        converse(g)
        g.close()
        equal(d.process.wait(rsp.TIMEOUT), 0)


@test("--fd: what is no stream socket that listens or is connected: one sentence")
def fd_wrong():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    lone = socket.socket()
    with udp, lone, open("/dev/null", "rb") as null:
        for fds, number, text in (([], 55, "is no stream socket"),
                                  ([null.fileno()], 3, "is no stream socket"),
                                  ([udp.fileno()], 3, "is no stream socket"),
                                  ([lone.fileno()], 3, "neither listens nor is connected")):
            d = Started("--fd", str(number), fds=fds)
            matches(r"vmxdbgd: file descriptor %d [^\n]*%s[^\n]*\n" % (number, text), d.end(1))
    for value in ("x", "", "-1", "3x", "99999999999"):
        result = run("--fd", value)
        equal((value, result.returncode), (value, 2))
        matches(r"vmxdbgd: --fd needs [^\n]*\n", result.stderr)
    equal(run("--fd", "3", "--stdio").returncode, 2)


# ---- sockets of systemd ----

@test("LISTEN_FDS: several listening sockets at once")
def passed():
    with folder() as path, listener() as tcp, listener(path + "/s") as unix, \
            started(fds=[tcp.fileno(), unix.fileno()], env={"LISTEN_FDS": "2"}) as d:
        d.wait_said(f"waiting for gdb at 127.0.0.1:{tcp.getsockname()[1]} and {path}/s\n")
        for family, address in ((socket.AF_UNIX, path + "/s"),
                                (socket.AF_INET, tcp.getsockname())):
            g = connect(family, address)
            converse(g)
            equal(g.ask("D"), "OK")
            g.close()


@test("LISTEN_FDS: a connection, as of a socket unit with Accept=yes")
def passed_connection():
    ours, theirs = socket.socketpair()
    with theirs, started("--once", fds=[theirs.fileno()], env={"LISTEN_FDS": "1"}) as d:
        theirs.close()
        g = line_of(ours)
        converse(g)
        equal(g.ask("D"), "OK")
        assert g.at_end()
        g.close()
        equal(d.process.wait(rsp.TIMEOUT), 0)


@test("LISTEN_FDS of another process, or with wrong numbers, counts for nothing")
def passed_others():
    with listener() as sock:
        for env in ({"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "0"},
                    {"LISTEN_FDS": "x"}, {"LISTEN_FDS": "-1"}, {"LISTEN_FDS": "1000"}):
            d = Started(fds=[sock.fileno()], env=env)
            matches(r"vmxdbgd: one of --tcp.* is required; [^\n]*\n", d.end(2))
        # an option is stronger
        with folder() as path, \
                started("--unix", path + "/own", fds=[sock.fileno()],
                        env={"LISTEN_FDS": "1"}) as d:
            d.wait_said(f"waiting for gdb at {path}/own\n")


@test("systemd-socket-activate starts the daemon at the first connection, or for each one")
def activate():
    program = shutil.which("systemd-socket-activate")
    if not program:
        print("# there is no systemd-socket-activate here")
        return
    for options in ((), ("--accept",)):
        with folder() as path:
            process = subprocess.Popen(
                [program, "-l", path + "/s", *options, *PROGRAM, *rsp.STAY_ROOT, "--once",
                 "--log-file", path + "/log"], stderr=subprocess.DEVNULL)
            try:
                g = connect(socket.AF_UNIX, path + "/s")
                converse(g)
                equal(g.ask("D"), "OK")
                assert g.at_end()
                g.close()
                if not options:
                    equal(process.wait(rsp.TIMEOUT), 0)
            finally:
                if process.poll() is None:
                    process.terminate()
                process.wait()


# ---- readiness ----

def notified(sock, timeout=rsp.TIMEOUT):
    sock.settimeout(timeout)
    try:
        return sock.recv(100).decode()
    except socket.timeout:
        return None


@test("NOTIFY_SOCKET: READY=1 once a debugger can connect, and STOPPING=1")
def notify():
    with folder() as path:
        for address in (path + "/notify", f"\0rsp.notify.{os.getpid()}"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.bind(address)
                env = {"NOTIFY_SOCKET": address.replace("\0", "@")}
                with started("--unix", path + "/s", env=env) as d:
                    equal(notified(sock), "READY=1")
                    assert os.path.exists(path + "/s")
                    d.process.send_signal(signal.SIGTERM)
                    equal(notified(sock), "STOPPING=1")
                # without a VM there is nothing to be ready for
                d = Started("--unix", path + "/s", env={**env, "FAKE_VMS": "0"})
                d.process.wait()
                equal(notified(sock, 0.1), "STOPPING=1")
                d.end(1)
                with started("--wait", "--unix", path + "/s",
                             env={**env, "FAKE_VM": path + "/vm"}):
                    equal(notified(sock), "READY=1")


@test("NOTIFY_SOCKET that is wrong is not in the way; --ready-fd gets a newline and is closed")
def ready_fd():
    with folder() as path:
        for address in ("", "@", "x", "/nonexistent/socket", "/" + "x" * 200):
            ours, theirs = os.pipe()
            with started("--unix", path + "/s", "--ready-fd", "3", fds=[theirs],
                         env={"NOTIFY_SOCKET": address}):
                os.close(theirs)
                equal(os.read(ours, 10), b"\n")
                equal(os.read(ours, 10), b"")
            os.close(ours)
        with started("--unix", path + "/s", "--ready-fd", "77") as d:
            d.wait_said("nobody reads from the descriptor of --ready-fd")
    equal(run("--ready-fd", "x", "--stdio").returncode, 2)


# ---- messages ----

def talk(*options, **kwargs):
    """Return what a daemon says that a debugger has talked to."""
    daemon = Daemon(*options, **kwargs)
    try:
        g = daemon.connect()
        assert g.ask("qSupported:swbreak+")
        g.stop_ack()
        equal(g.ask("M20000,3:5c7f41"), "OK")
        assert g.ask("x20000,3", raw=True)
        g.write(b"\x03")
        assert len(g.ask("m10000,400")) > 1000
        g.write(b"$m10000,4")
        time.sleep(0.1)
        g.close()
        assert daemon.wait_said("fake: detached")
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.wait()
        return "".join(line + "\n" for line in daemon.said().splitlines()
                       if not line.startswith("fake:"))
    finally:
        daemon.end()


TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


@test("--log: levels from error to debug")
def levels():
    equal(talk("--log=error"), "")
    equal(talk("--log=warn"), "")
    info = r"vmxdbgd: attached to VM 7 of process 4242, waiting for gdb at \S+\n"
    matches(info, talk())
    matches(info, talk("--log=info"))
    for option in ("--log", "--log=debug"):
        matches(info + rf"vmxdbgd: {TIME} #1 is a connection of process {os.getpid()} of user "
                rf"{os.getuid()}\nvmxdbgd: {TIME} #1 has ended\n", talk(option))
    for wrong in ("--log=", "--log=loud"):
        result = run(wrong, "--stdio")
        equal(result.returncode, 2)
        matches(r"vmxdbgd: --log needs error, warn, info, debug or packets[^\n]*\n", result.stderr)


@test("--log=packets: a line for each packet, with time, connection and direction")
def packets():
    text = talk("--log=packets")
    lines = re.findall(rf"^vmxdbgd: {TIME} (#1 (?:<-|->) .*)$", text, re.M)
    for packet in ("qSupported:swbreak+", "QStartNoAckMode", "M20000,3:5c7f41", "x20000,3"):
        assert f"#1 <- {rsp.frame(packet).decode()}" in lines, (packet, text)
    for line in ("#1 -> +", "#1 <- +", "#1 -> $OK#9a", "#1 <- \\x03",
                 "#1 <- $m10000,4 (not whole)"):
        assert line in lines, (line, text)
    assert any(re.fullmatch(r"#1 -> \$b?\\x5c\\x7fA#..", line) for line in lines), text
    equal(talk("--log=packets").splitlines()[-1].split(" ", 2)[2], "#1 has ended")
    long = [line for line in lines if "bytes)" in line]
    assert long and all(len(line) < 1100 for line in lines), text
    assert re.search(r"\.\.\. \(\d+ bytes\)$", long[-1]), long


@test("--log-file: appended with time and level, for its owner only")
def log_file():
    with folder() as path:
        name = path + "/log"
        for _ in range(2):
            daemon = Daemon("--log=debug", "--log-file", name)
            g = daemon.connect()
            assert g.ask("qSupported")
            g.close()
            assert daemon.wait_said("fake: detached")
            daemon.end()
        equal(stat.S_IMODE(os.stat(name).st_mode), 0o600)
        with open(name, encoding="utf-8") as file:
            text = file.read()
        equal(len(re.findall(rf"^{TIME} info: attached to VM 7", text, re.M)), 2)
        equal(len(re.findall(rf"^{TIME} debug: #1 is a connection", text, re.M)), 2)
    result = run("--log-file", "/nonexistent/log", "--stdio")
    equal(result.returncode, 1)
    matches(r"vmxdbgd: /nonexistent/log: [^\n]*\n", result.stderr)


# ---- --json ----

@test("--list --json: the VMs as JSON")
def as_json():
    result = run("--list", "--json")
    equal(result.returncode, 0)
    equal(json.loads(result.stdout),
          [{"vm": 7, "pid": 4242, "vcpus": 2, "memory": 0x200000, "state": "free",
            "command": "fakevmm"}])
    env = {**os.environ, "FAKE_VMS": "0"}
    equal(json.loads(subprocess.run([*PROGRAM, "--list", "--json"], env=env, check=True,
                                    capture_output=True).stdout), [])
    env = {**os.environ, "FAKE_VMS": "3", "FAKE_COMM": 'a"\\\n\u00e9'}
    text = subprocess.run([*PROGRAM, "--list", "--json"], env=env, check=True,
                          capture_output=True).stdout
    vms = json.loads(text)
    equal([vm["vm"] for vm in vms], [7, 8, 9])
    equal(vms[0]["command"].encode("latin-1").decode(), 'a"\\\n\u00e9')
    result = run("--json", "--stdio")
    equal(result.returncode, 2)
    matches(r"vmxdbgd: --json is for --list[^\n]*\n", result.stderr)


# ---- rights ----

def rights(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        lines = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {"uid": lines["Uid"].split(), "gid": lines["Gid"].split(),
            "groups": lines["Groups"].split(), "caps": int(lines["CapPrm"], 16),
            "effective": int(lines["CapEff"], 16), "new": lines["NoNewPrivs"],
            "filters": lines["Seccomp"], "bounding": int(lines["CapBnd"], 16)}


@contextlib.contextmanager
def with_rights(*options):
    """The rights of a daemon that serves a debugger."""
    ours, theirs = socket.socketpair()
    with theirs, started("--fd", "3", *options, fds=[theirs.fileno()], stay_root=False,
                         env=NO_LEAK_CHECK) as d:
        g = line_of(ours)
        converse(g)
        yield rights(d.process)
        equal(g.ask("D"), "OK")
        g.close()


SYS_PTRACE = 1 << 19


@test("started by root: nobody, one capability, no way to trace anything by itself")
def nobody():
    if not ROOT:
        print("# this needs root")
        return
    with with_rights() as r:
        equal((r["uid"], r["caps"], r["effective"], r["new"], r["filters"]),
              (["65534"] * 4, SYS_PTRACE, SYS_PTRACE, "1", "2"))
        assert r["gid"][0] != "0" and r["groups"] == r["gid"][:1], r
        equal(r["bounding"] & ~SYS_PTRACE, 0)


@test("--user: user and group by name or number, without any capability")
def user():
    if not ROOT:
        print("# this needs root")
        return
    for option, uid, gid in (("1234", "1234", "1234"), ("1234:5678", "1234", "5678"),
                             ("daemon", "1", "1"), ("daemon:sys", "1", "3"), ("2", "2", "2")):
        with with_rights("--user", option) as r:
            equal((option, r["uid"][0], r["gid"][0], r["groups"], r["caps"], r["new"]),
                  (option, uid, gid, [gid], 0, "1"))
    with with_rights("--user", "root") as r:
        equal((r["uid"][0], r["new"]), ("0", "1"))
        assert r["caps"]


@test("an option whose value is empty: one sentence, and no socket for everybody")
def empty():
    for option in ("--unix", "--serial", "--tcp", "--fd", "--vm", "--device", "--user", "--arch",
                   "--log-file", "--time", "--ready-fd", "--on-vanish"):
        result = run(option, "", *([] if option == "--unix" else ["--stdio"]))
        equal((option, result.returncode, result.stderr),
              (option, 2, f"vmxdbgd: {option} needs a value; see vmxdbgd --help.\n"))


@test("--user: no such user or group, or not root: one sentence")
def user_wrong():
    if ROOT:
        for option in ("nosuchuser", "root:nosuchgroup", "1:nosuchgroup", "4294967295", ":1"):
            result = subprocess.run([*PROGRAM, "--user", option, "--stdio"], check=False, text=True,
                                    capture_output=True, stdin=subprocess.DEVNULL)
            equal((option, result.returncode), (option, 1))
            matches(r"vmxdbgd: --user: there is no (user|group) [^\n]*\n", result.stderr)
    equal(run("--user", "", "--stdio").returncode, 2)


@test("--user without being root: one sentence")
def user_not_root():
    with folder() as path:
        # nobody may not be able to read the folder of the build
        os.chmod(path, 0o755)
        for file in (PROGRAM[0], PROGRAM[2]):
            shutil.copy(file, path)
        command = [path + "/fake-vmxdbgd", "--device", path + "/guest.bin"]

        def become_nobody():
            if ROOT:
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)

        for options, status, text in ((("--user", "1"), 1, "--user is for a vmxdbgd that root starts"),
                                      ((), 0, "")):
            result = subprocess.run([*command, *options, "--stdio"], check=False, text=True,
                                    capture_output=True, stdin=subprocess.DEVNULL,
                                    preexec_fn=become_nobody,
                                    env={**os.environ, **NO_LEAK_CHECK})
            equal((options, result.returncode), (options, status))
            assert text in result.stderr, result.stderr


if __name__ == "__main__":
    sys.exit(TAP.run())
