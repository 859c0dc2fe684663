// SPDX-License-Identifier: GPL-2.0-only
/* The definitions of the tracepoints, see trace.h. */
#include "lib/verdict.h"

#define CREATE_TRACE_POINTS
#include "lib/trace.h"
