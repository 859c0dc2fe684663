# SPDX-License-Identifier: MIT
#
# Zydis (libzydis-dev) disassembles for "monitor disas". The daemon is built without it if it
# cannot be linked: with STATIC=1 Debian has no library for it. ZYDIS=0 builds without it.
#
# In: CC and ldflags. Out: zydis_cflags, zydis_libs.

zydis_probe := $(dir $(lastword $(MAKEFILE_LIST)))zydis-probe.c
ifndef ZYDIS
ZYDIS	:= $(shell $(CC) $(ldflags) -o /dev/null $(zydis_probe) -lZydis 2>/dev/null && echo 1)
endif
ifeq ($(ZYDIS),1)
zydis_cflags	:= -DWITH_ZYDIS
zydis_libs	:= -lZydis
endif
