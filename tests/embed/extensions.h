/* SPDX-License-Identifier: MIT */
/* Extensions of the stub: a monitor command, a qXfer object. */
#ifndef EXTENSIONS_H
#define EXTENSIONS_H

#include <vmxgdb.h>

/* Add them. Exits if that fails. */
void extensions_add(struct vgdb *g);

#endif /* EXTENSIONS_H */
