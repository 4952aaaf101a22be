/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intel.h - VT-d's tables of either stage, for two adapters; meanings as in struct baseline. */
#ifndef PTBENCH_ADAPTER_INTEL_H
#define PTBENCH_ADAPTER_INTEL_H

#include "adapters/operations.h"

int intel_create(const struct baseline_config *config, int first_stage, void **handle);
void intel_destroy(void *handle);
ADAPTER_DECLARE_OPERATIONS(intel)
const void *intel_root(void *handle, unsigned int *top_level);

#endif
