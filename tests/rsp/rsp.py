# SPDX-License-Identifier: GPL-2.0-only
"""A client of the remote protocol, and the daemon with its fake guest."""
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("RSP_BUILD", ".")
TIMEOUT = 60

# The leak check at the end of a program traces it, which nobody's processes may not.
STAY_ROOT = [] if os.geteuid() else ["--user", "root"]


def frame(data):
    if isinstance(data, str):
        data = data.encode("latin-1")
    return b"$" + data + b"#%02x" % (sum(data) & 0xff)


def expand(data):
    """Undo the run-length encoding."""
    out, i = bytearray(), 0
    while i < len(data):
        if data[i] == 0x2a:
            out += out[-1:] * (data[i + 1] - 29)
            i += 2
        else:
            out.append(data[i])
            i += 1
    return bytes(out)


def unescape(data):
    out, i = bytearray(), 0
    while i < len(data):
        if data[i] == 0x7d:
            i += 1
            out.append(data[i] ^ 0x20)
        else:
            out.append(data[i])
        i += 1
    return bytes(out)


def escape(data):
    return b"".join(b"}" + bytes([c ^ 0x20]) if c in b"#$}*" else bytes([c])
                    for c in data)


def le(value, size=8):
    return (value & (1 << 8 * size) - 1).to_bytes(size, "little").hex()


class Line:
    """Bytes to and from the daemon, over a pair of file descriptors."""

    def __init__(self, fd_in, fd_out, close=None):
        self.fd_in, self.fd_out, self.on_close = fd_in, fd_out, close
        self.buffer = b""
        self.no_ack = False

    def write(self, data):
        while data:
            data = data[os.write(self.fd_out, data):]

    def fill(self, timeout):
        """Read more input. Return False at the end or after the timeout."""
        if not select.select([self.fd_in], [], [], timeout)[0]:
            return False
        try:
            more = os.read(self.fd_in, 65536)
        except OSError:
            more = b""
        self.buffer += more
        return bool(more)

    def byte(self, timeout=TIMEOUT):
        if not self.buffer and not self.fill(timeout):
            return None
        c, self.buffer = self.buffer[:1], self.buffer[1:]
        return c

    def recv(self, raw=False, timeout=TIMEOUT):
        """Return the data of the next packet, or None if none comes."""
        end = time.monotonic() + timeout
        while True:
            found = re.search(rb"\$([^#]*)#([0-9a-f]{2})", self.buffer, re.S)
            if found:
                break
            if not self.fill(max(0, end - time.monotonic())):
                return None
        # Notifications in front of it wait for notification().
        before = re.findall(rb"%[^#]*#[0-9a-f]{2}", self.buffer[:found.start()], re.S)
        self.buffer = b"".join(before) + self.buffer[found.end():]
        data = found.group(1)
        assert sum(data) & 0xff == int(found.group(2), 16), "bad checksum"
        if not self.no_ack:
            self.write(b"+")
        return data if raw else expand(data).decode("latin-1")

    def notification(self, timeout=TIMEOUT):
        """Return the data of the next notification, or None if none comes."""
        end = time.monotonic() + timeout
        while True:
            found = re.search(rb"%([^#]*)#([0-9a-f]{2})", self.buffer, re.S)
            if found:
                break
            if not self.fill(max(0, end - time.monotonic())):
                return None
        self.buffer = self.buffer[:found.start()] + self.buffer[found.end():]
        data = found.group(1)
        assert sum(data) & 0xff == int(found.group(2), 16), "bad checksum"
        return expand(data).decode("latin-1")

    def send(self, data):
        self.write(frame(data))
        if not self.no_ack:
            c = self.byte()
            assert c == b"+", f"wanted '+' for {data!r}, not {c!r}"

    def ask(self, data, raw=False):
        self.send(data)
        return self.recv(raw)

    def stop_ack(self):
        assert self.ask("QStartNoAckMode") == "OK"
        self.no_ack = True

    def monitor(self, command):
        """Return the output of a monitor command."""
        self.send("qRcmd," + command.encode().hex())
        text = ""
        while True:
            reply = self.recv()
            if reply == "OK":
                return text
            assert reply[0] == "O", reply
            text += bytes.fromhex(reply[1:]).decode()

    def at_end(self, timeout=TIMEOUT):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if not select.select([self.fd_in], [], [], 0.1)[0]:
                continue
            try:
                if not os.read(self.fd_in, 4096):
                    return True
            except OSError:
                return True
        return False

    def close(self):
        if self.on_close:
            self.on_close()
            self.on_close = None


class Daemon:
    """fake-vmxdbgd. @env: see fake_target.c."""

    def __init__(self, *options, env=None, transport="unix", path=None):
        self.dir = tempfile.mkdtemp(prefix="rsp.")
        self.path = path or os.path.join(self.dir, "socket")
        self.log = os.path.join(self.dir, "log")
        pipes = {}
        command = [os.path.join(BUILD, "fake-vmxdbgd"), "--device",
                   os.path.join(BUILD, "guest.bin"), *STAY_ROOT, *options]
        if transport == "unix":
            command += ["--unix", self.path]
        elif transport == "tcp":
            command += ["--tcp", "0"]
        elif transport == "serial":
            self.master, slave = os.openpty()
            command += ["--serial", os.ttyname(slave)]
            self.slave = slave
        elif transport == "stdio":
            command += ["--stdio"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, stderr=log, env=dict(os.environ, **(env or {})),
                **pipes)

    def said(self):
        with open(self.log, encoding="latin-1") as log:
            return log.read()

    def wait_said(self, text, count=1, timeout=TIMEOUT):
        """Wait until the daemon has printed the text so often."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.said().count(text) >= count:
                return True
            if self.process.poll() is not None:
                return self.said().count(text) >= count
            time.sleep(0.01)
        return False

    def connect_socket(self, family, address):
        end = time.monotonic() + TIMEOUT
        while True:
            s = socket.socket(family, socket.SOCK_STREAM)
            try:
                s.connect(address)
                return Line(s.fileno(), s.fileno(), s.close)
            except OSError:
                s.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def connect(self):
        return self.connect_socket(socket.AF_UNIX, self.path)

    def connect_tcp(self):
        assert self.wait_said("waiting for gdb")
        port = int(re.search(r"gdb at 127\.0\.0\.1:(\d+)", self.said())[1])
        return self.connect_socket(socket.AF_INET, ("127.0.0.1", port))

    def connect_serial(self):
        assert self.wait_said("waiting for gdb")
        return Line(self.master, self.master)

    def connect_stdio(self):
        return Line(self.process.stdout.fileno(), self.process.stdin.fileno(),
                    self.process.stdin.close)

    def status(self, timeout=TIMEOUT):
        """Return the exit status."""
        return self.process.wait(timeout)

    def close(self):
        self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "did not end on SIGTERM"
        said = self.said()
        subprocess.run(["rm", "-rf", self.dir], check=True)
        if status != 0 or "Sanitizer" in said or "runtime error" in said:
            raise AssertionError(f"the daemon ended with {status}:\n{said}")


class Tap:
    """Run functions as tests and print TAP."""

    def __init__(self):
        self.tests = []

    def test(self, name):
        def add(function):
            self.tests.append((name, function))
            return function
        return add

    def run(self):
        # A file that another one imports must not run its tests in place of that one's.
        assert sys._getframe(1).f_globals["__name__"] == "__main__"
        wanted = sys.argv[1:]
        failed = 0
        number = 0
        for name, function in self.tests:
            if wanted and function.__name__ not in wanted:
                continue
            number += 1
            try:
                function()
                print(f"ok {number} - {name}", flush=True)
            except Exception as error:  # a test's failure, whatever it is
                failed += 1
                print(f"not ok {number} - {name}")
                where = error.__traceback__
                while where.tb_next:
                    where = where.tb_next
                text = f"{type(error).__name__}: {error}"
                for line in text.splitlines():
                    print("# " + line)
                print(f"# {where.tb_frame.f_code.co_filename}:"
                      f"{where.tb_lineno}, test {function.__name__}",
                      flush=True)
        print(f"1..{number}")
        return 1 if failed else 0
