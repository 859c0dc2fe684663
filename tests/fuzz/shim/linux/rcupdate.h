/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

struct rcu_head { };

#define kvfree_rcu(ptr, member)	kvfree(ptr)

#endif
