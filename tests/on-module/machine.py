# SPDX-License-Identifier: GPL-2.0-only
"""A guest in the host, with the daemon and gdb: what most tests begin with."""
import contextlib
import os
import sys

from host import BUILD, ELF, Host
from session import Daemon, Gdb, Vmm

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../rsp"))
import rsp  # noqa: E402

TAP = rsp.Tap()
_STARTED = []
_SHARED = []


def host():
    """The host of all tests, with the module."""
    if not _STARTED:
        _STARTED.append(Host(*os.environ["ON_MODULE_FILES"].split(), ELF))
        _STARTED[0].sh("./load-vmxdbg")
    return _STARTED[0]


def end_host():
    """Let the host end, if a test has started it. Return the status and what the lab said."""
    return (_STARTED[0].end(), _STARTED[0].said()) if _STARTED else (0, "")


class Machine:
    """vmxrun, vmxdbgd and gdb."""

    def __init__(self, *commands, vmm=(), daemon=(), kind="remote"):
        end_shared()    # the daemon takes the only VM
        with contextlib.ExitStack() as stack:
            self.vmm = Vmm(host(), "--paused", *vmm)
            stack.callback(self.vmm.kill)
            self.daemon = Daemon(host(), *daemon)
            stack.callback(self.daemon.kill)
            self.gdb = stack.enter_context(Gdb(self.daemon.port, *commands, kind=kind))
            self.gdb.ask()
            self._ends = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if error:
            # A test says what gdb printed; these may know more.
            error.args = (f"{error}\n--- vmxdbgd:\n{self.daemon.log()}"
                          f"--- vmxrun:\n{self.vmm.log()}"
                          f"--- module:\n{host().sh('dmesg | grep vmxdbg: | tail -n 5', None)}",)
        self._ends.close()


# To where the guest's loop is, with interrupts on
AT_WORK = ("tbreak work", "continue")

# Commands that make a machine which a test has used like a new one
ANEW = ("delete", "monitor uncatch all", "monitor step insn", "monitor step irqs off",
        "monitor time stop", "set breakpoint condition-evaluation auto",
        "set dprintf-style gdb", "vmx-reset", *AT_WORK)


def new_at_work(**options):
    """A machine of the test's own, whose guest is at work()."""
    return Machine(*AT_WORK, **options)


@contextlib.contextmanager
def at_work():
    """The machine of all tests that do not need their own, with the guest at work()."""
    if not _SHARED:
        _SHARED.append(new_at_work())
    else:
        _SHARED[0].gdb.shows(*ANEW, "p $rip == &work", want=[r"begins again", r"= 1$"])
    try:
        yield _SHARED[0]
    except BaseException as error:
        _SHARED.pop().__exit__(type(error), error, None)
        raise


def end_shared():
    """End the machine of all tests."""
    while _SHARED:
        _SHARED.pop().__exit__(None, None, None)


__all__ = ["AT_WORK", "BUILD", "TAP", "Machine", "at_work", "end_host", "end_shared", "host",
           "new_at_work"]
