#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the kernel's own selftests of KVM:
#	selftests.sh SOURCE DEST
#
# SOURCE is the tree of a lab kernel, which stays as it is, or the archive of a kernel's source.
# DEST/bin has the programs, static and without debug information.
set -eu

source=$1 dest=$2

if [ -d "$source" ]; then
	# TEST_ASSERT_EQ: a change that Linux 6.1.y took from a later kernel uses the later name
	# of ASSERT_EQ. stddef.h: the tree has a copy for its own tools that shadows the system's.
	tree=$source
	set -- EXTRA_CFLAGS="-DTEST_ASSERT_EQ=ASSERT_EQ -include linux/stddef.h"
else
	# The drivers' headers are those of their selftests, which the makefile reads, too.
	tree=$dest/source
	mkdir "$tree"
	tar -xf "$source" -C "$tree" --strip-components=1 --wildcards \
		'linux-*/Makefile' 'linux-*/scripts' 'linux-*/include' 'linux-*/arch/x86' \
		'linux-*/tools' 'linux-*/virt' 'linux-*/drivers/*.h'
	make -C "$tree" -s -j2 ARCH=x86_64 headers
	set -- KHDR_INCLUDES="-isystem $tree/usr/include"
fi
make -C "$tree/tools/testing/selftests/kvm" -j2 ARCH=x86_64 OUTPUT="$dest/out" \
	LDFLAGS="-pthread -static" "$@"

mkdir "$dest/bin"
for program in "$dest"/out/* "$dest"/out/x86_64/* "$dest"/out/x86/*; do
	if [ -f "$program" ] && [ -x "$program" ]; then
		strip -o "$dest/bin/${program##*/}" "$program"
	fi
done
rm -r "$dest/out"
[ -d "$source" ] || rm -r "$tree"
