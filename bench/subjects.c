// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* subjects.c - the list of all subjects: engine, drivers, limit; see subject.h. */
#include "subject.h"

#include <stddef.h>
#include <string.h>

#include "baseline_subject.h"
#include "engine_options.h"
#include "engine_subject.h"
#include "formats.h"
#include "limit.h"

#define MAX_SUBJECTS 512

static size_t add(struct subject *all, size_t count, struct subject subject)
{
	if (count < MAX_SUBJECTS)
		all[count++] = subject;
	return count;
}

/* @facts' engine as @variant, with every choice that it has. */
static size_t add_engine(struct subject *all, size_t count, const struct format_facts *facts,
			 const char *variant)
{
	const struct pt_format *format = pt_format_find(facts->format->name, variant);

	for (const struct engine_option *option = engine_options; format && option->name; option++)
		if (engine_option_fits(option, format))
			count = add(all, count, engine_subject(facts, format, variant, option));
	return count;
}

const struct subject *subjects(void)
{
	static const char *const variants[] = { "inline", "recursive" };
	static struct subject all[MAX_SUBJECTS + 1];
	size_t count = 0;

	if (all[0].format)
		return all;
	for (const struct format_facts *facts = formats(); facts->name; facts++) {
		for (size_t v = 0; v < sizeof(variants) / sizeof(*variants); v++)
			count = add_engine(all, count, facts, variants[v]);
		for (const struct baseline *const *b = baselines(); *b; b++)
			if (strcmp((*b)->format, facts->format->name) == 0)
				count = add(all, count, baseline_subject(facts, *b));
		count = add(all, count, limit_subject(facts));
	}
	return all;
}

const struct subject *subject_find(const char *format, const char *variant)
{
	for (const struct subject *s = subjects(); s->format; s++)
		if (strcmp(s->format, format) == 0 && strcmp(s->variant, variant) == 0)
			return s;
	return NULL;
}

const char *subjects_kernel(void)
{
	const struct baseline *const *list = baselines();

	return *list ? (*list)->version : NULL;
}

unsigned int subject_quirks(const struct subject *subject)
{
	return subject->option ? subject->option->quirks : 0;
}

long subjects_warnings(void)
{
	return baseline_warnings();
}
