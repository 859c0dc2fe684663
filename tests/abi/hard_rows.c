// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases that are more than where a step ends. */
#include <string.h>

#include "hard.h"

const struct test hard_rows[] = {
};
const unsigned int hard_rows_nr = ARRAY_SIZE(hard_rows);
