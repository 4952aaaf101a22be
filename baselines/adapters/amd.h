/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* amd.h - AMD's guest tables, for the x86_64 adapter; meanings as in struct baseline. */
#ifndef PTBENCH_ADAPTER_AMD_H
#define PTBENCH_ADAPTER_AMD_H

#include "adapters/operations.h"

int amd_v2_create(const struct baseline_config *config, void **handle);
void amd_v2_destroy(void *handle);
ADAPTER_DECLARE_OPERATIONS(amd)
const void *amd_v2_root(void *handle, unsigned int *top_level);

#endif
