#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build a lab kernel from Debian's kernel source in DEST, which is to become
# FINAL afterwards:
#	build.sh TARBALL DEST FINAL CONFIG...
#
# DEST/build is the configured tree that modules are built against (without its
# objects), DEST/modules the kernel's own modules.
set -eu

tarball=$1 dest=$2 final=$3
shift 3

mkdir -p "$dest/build"
cd "$dest/build"
tar -xf "$tarball" --strip-components=1

cat "$@" >../wanted.config
make KCONFIG_ALLCONFIG=../wanted.config allnoconfig

# A symbol whose dependencies are not met is dropped without a word.
missing=$(grep '^CONFIG_' ../wanted.config | grep -vxFf .config || :)
if [ -n "$missing" ]; then
	echo "these options did not survive the configuration:"
	echo "$missing"
	exit 1
fi

# The debug information names the place where the sources will be.
map=-fdebug-prefix-map=$PWD=$final/build
make -j2 KCFLAGS="$map" KAFLAGS="$map" KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab \
	KBUILD_BUILD_TIMESTAMP=@1700000000 bzImage modules
make INSTALL_MOD_PATH=../modules INSTALL_MOD_STRIP=1 DEPMOD=true modules_install
rm -f ../modules/lib/modules/*/build ../modules/lib/modules/*/source
release=$(make -s kernelrelease)
echo "$release" >../release
depmod -b ../modules "$release"

# What a module build needs is the tree less its objects.
find . -path ./scripts -prune -o -path ./tools -prune -o \
	\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -type f -exec rm -f {} +
# A link of the kernel's makefiles, which would point at the place it was built in.
ln -sf scripts/gdb/vmlinux-gdb.py vmlinux-gdb.py
