// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints that lib/trace.h describes. */
#include "lib/verdict.h"

#define CREATE_TRACE_POINTS
#include "lib/trace.h"
