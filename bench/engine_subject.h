/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* engine_subject.h - the engine's page tables as subjects. */
#ifndef PTBENCH_ENGINE_SUBJECT_H
#define PTBENCH_ENGINE_SUBJECT_H

#include "engine_options.h"
#include "formats.h"
#include "subject.h"

/*
 * The subject that measures @format, one of pt_formats(@variant), configured as @facts and
 * @option say. Its variant is "inline-eager" for the option "eager".
 */
struct subject engine_subject(const struct format_facts *facts, const struct pt_format *format,
			      const char *variant, const struct engine_option *option);

#endif
