#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the kernel's own selftests of KVM from the tree of a lab kernel:
#	selftests.sh TREE DEST
#
# DEST/bin has the programs, static and without debug information. The tree stays as it is.
set -eu

tree=$1 dest=$2

# TEST_ASSERT_EQ: a change that Linux 6.1.y took from a later kernel uses the later name of
# ASSERT_EQ. stddef.h: the tree has a copy for its own tools that shadows the system's.
make -C "$tree/tools/testing/selftests/kvm" -j2 ARCH=x86_64 OUTPUT="$dest/out" \
	LDFLAGS="-pthread -static" \
	EXTRA_CFLAGS="-DTEST_ASSERT_EQ=ASSERT_EQ -include linux/stddef.h"

mkdir "$dest/bin"
for program in "$dest"/out/* "$dest"/out/x86_64/*; do
	if [ -f "$program" ] && [ -x "$program" ]; then
		strip -o "$dest/bin/${program##*/}" "$program"
	fi
done
rm -r "$dest/out"
