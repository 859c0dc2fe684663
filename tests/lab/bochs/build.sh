#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build Bochs in the current directory from its tarball, with our patches:
#	build.sh TARBALL DESTDIR PATCH...
set -eu

tarball=$1 dest=$2
shift 2

tar -xf "$tarball" --strip-components=1
for patch; do
	echo "== $patch"
	patch -p1 --fuzz=0 <"$patch"
done

# show-ips logs from a timer signal, where it can wait for its own lock for ever.
./configure \
	--enable-cpu-level=6 --enable-x86-64 --enable-smp --enable-vmx=2 \
	--enable-x86-debugger --enable-all-optimizations --enable-avx \
	--enable-evex --enable-long-phy-address --enable-monitor-mwait \
	--enable-configurable-msrs --disable-show-ips --with-nogui
make -j2 bochs
strip --strip-debug bochs
install -D bochs "$dest/bochs"
