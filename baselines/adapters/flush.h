/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flush.h - for the registration: how many commands the calling thread would have sent to a TLB. */
#ifndef PTBENCH_ADAPTER_FLUSH_H
#define PTBENCH_ADAPTER_FLUSH_H

unsigned long adapter_flushes(void);

#endif
