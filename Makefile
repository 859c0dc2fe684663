# SPDX-License-Identifier: GPL-2.0-only
# Packages: gcc libc6-dev make python3
#
# The developer's entry: "make help" says what there is. On a machine with VMX
# none of this is needed, see README.md. Only .build is written to. The packages
# above are installed first; what else a program needs, it installs itself.

BUILD  := $(CURDIR)/.build
SUITES ?=

export BUILD

# Programs of ours are made as many at a time as there are cores.
at_once := $(MAKE) -s --no-print-directory -j$(shell nproc)

all: module userspace

help:
	@echo 'make             the module for the lab kernel, and the programs'
	@echo 'make check       every test; SUITES="10-lab 40-abi" runs only these,'
	@echo '                 TEST=dbg_bp, TEST=dbg_bp:NAME one program, one test;'
	@echo '                 tests/run --help says more'
	@echo 'make check LAB_KERNEL=debian73'
	@echo '                 those that leave their kernel open, on this one of the lab:'
	@echo '                 lab612, debian, debian612, debian73, debug'
	@echo 'make check-debug the same on debug, which checks locks and memory (long)'
	@echo 'make demo        gdb debugs a Linux kernel that runs as our guest'
	@echo 'make debug       the same, and leaves you at the prompt of gdb'
	@echo 'make lab         build what the tests run in: emulator and kernels'
	@echo 'make abi         the ABI test programs, into .build/abi'
	@echo 'make module-K    the module for kernel K of the lab'
	@echo 'make bench       measure KVM and vmxdbg in one boot, into Documentation/'
	@echo 'make install     the programs, below $$DESTDIR$$PREFIX'
	@echo 'make check-here  test the module on this machine, which needs VMX; asks before'
	@echo '                 it loads the module, and writes a report'
	@echo 'make deb         Debian packages of the programs and of the module (DKMS), in'
	@echo '                 .build/deb'
	@echo 'make clean       remove .build; "tests/lab/lab clean" empties the cache too'

packages:
	@tests/lab/need -f Makefile

lab: packages
	tests/lab/lab setup

module: module-lab

module-%: packages
	tests/module $*

# The lab's hosts have no shared libraries: there, the programs are static.
userspace: packages
	$(at_once) -C userspace O=$(BUILD)/userspace
	$(at_once) -C userspace O=$(BUILD)/userspace-static STATIC=1

abi: packages
	$(at_once) -C tests/abi O=$(BUILD)/abi

# The module is built by the suites, once there is a kernel.
check check-debug: userspace abi
	tests/run $(SUITES)

check-debug: export LAB_KERNEL := debug

demo: all
	tests/demo/demo

debug: all
	tests/demo/demo --open

bench: packages
	tests/bench/run --write Documentation/figures.rst

install: packages
	$(at_once) -C userspace O=$(BUILD)/userspace install

check-here: packages
	tests/here/check-here

deb:
	userspace/build-deb $(BUILD)/deb

clean:
	rm -rf $(BUILD)

.PHONY: all help packages lab module userspace abi check check-debug demo debug bench install check-here deb clean
