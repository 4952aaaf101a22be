// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* list.c - prints formats, subjects and cases, see list.h. */
#include "list.h"

#include <jansson.h>
#include <stdio.h>

#include "baseline.h"
#include "context.h"
#include "engine_options.h"
#include "fail.h"

static json_t *list_formats(void)
{
	json_t *array = json_array();

	for (const struct format_facts *facts = formats(); facts->name; facts++)
		json_array_append_new(array, json_string(facts->name));
	return array;
}

static json_t *list_quirks(unsigned int quirks)
{
	static const char *const names[] = {
		"hardware-dirty",
		"non-secure",
		"ttbr1",
		"force-snoop",
		"no-perms",
		"mtk-ext",
		"mtk-ttbr-ext",
		"contiguous",
		"memory-types",
		"first-stage",
		"no-force-coherence",
		"sign-extend",
		"exact-permissions",
		"xnx",
		"cached",
		"one-root",
	};
	json_t *array = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (quirks & 1u << i)
			json_array_append_new(array, json_string(names[i]));
	return array;
}

/* What is known of each format, by its name. */
static json_t *list_details(void)
{
	json_t *all = json_object();

	for (const struct format_facts *facts = formats(); facts->name; facts++)
		json_object_set_new(
			all, facts->name,
			json_pack("{ss ss si sI si si sb sb so}", "title", facts->format->title,
				  "engine_format", facts->format->name, "granule_lg2",
				  (int)facts->granule_lg2, "page_sizes",
				  (json_int_t)facts->format->page_sizes, "ia_bits",
				  (int)facts->ia_bits, "levels", (int)facts->levels, "incoherent",
				  facts->incoherent, "dirty", facts->format->has_dirty, "options",
				  list_quirks(facts->format->quirks)));
	return all;
}

/* The kernels of the build, each with the formats that it has no driver of, and why. */
static json_t *list_kernels(void)
{
	json_t *array = json_array();

	for (const struct baseline_kernel *const *k = baseline_kernels(); *k; k++) {
		json_t *missing = json_object();

		for (const struct baseline_missing *m = (*k)->missing; m->format; m++)
			json_object_set_new(missing, m->format, json_string(m->reason));
		json_array_append_new(array, json_pack("{ss si so}", "name", (*k)->name, "version",
						       (int)(*k)->version, "missing", missing));
	}
	return array;
}

static json_t *list_subjects(void)
{
	json_t *array = json_array();

	for (const struct subject *s = subjects(); s->format; s++)
		json_array_append_new(array,
				      json_pack("{ss ss ss sb ss*}", "format", s->format, "variant",
						s->variant, "source", s->source, "extra", s->extra,
						"option", s->option ? s->option->what : NULL));
	return array;
}

static json_t *variants_of(const struct bench_case *c)
{
	json_t *array = json_array();

	for (const struct subject *s = subjects(); s->format; s++)
		if (case_takes(c, s))
			json_array_append_new(array, json_string(s->variant));
	return array;
}

/* What of a trace is replayed, where its file is there. */
static json_t *list_trace(const struct bench_case *c)
{
	const struct trace_counts *counts = &c->trace_counts;
	json_t *left_out;

	if (!c->trace_read)
		return json_null();
	left_out = json_object();
	for (enum trace_reason reason = 0; reason < TRACE_REASONS; reason++)
		if (counts->left_out[reason])
			json_object_set_new(left_out, trace_reason_name(reason),
					    json_integer((json_int_t)counts->left_out[reason]));
	return json_pack("{sI sI so sI sI sI sb sI}", "recorded", (json_int_t)counts->recorded,
			 "replayed", (json_int_t)counts->replayed, "left_out", left_out, "in_part",
			 (json_int_t)counts->in_part, "put_in", (json_int_t)counts->put_in, "lost",
			 (json_int_t)counts->lost, "lost_more", counts->lost_more, "other_lines",
			 (json_int_t)counts->other_lines);
}

static json_t *list_case(const struct bench_case *c)
{
	json_t *size = c->page_size ? json_integer((json_int_t)c->page_size) : json_null();

	return json_pack("{ss ss ss so si ss ss si sb ss so so}", "name", c->name, "format",
			 c->facts->name, "op", c->op->name, "page_size", size, "count",
			 (int)c->count, "mode", case_mode_name(c->mode), "state",
			 case_state_name(c->state), "threads", (int)c->threads, "quick", c->quick,
			 "description", c->description, "subjects", variants_of(c), "trace",
			 list_trace(c));
}

int list_print(const struct case_list *cases)
{
	json_t *array = json_array();
	json_t *all = json_pack("{so so so so ss? so ss}", "formats", list_formats(),
				"format_details", list_details(), "subjects", list_subjects(),
				"cases", array, "kernel", subjects_kernel(), "kernels",
				list_kernels(), "compiler", context_compiler());
	int failed = !all;

	for (size_t i = 0; i < cases->count && !failed; i++)
		failed = json_array_append_new(array, list_case(&cases->cases[i]));
	if (!failed)
		failed = json_dumpf(all, stdout, JSON_INDENT(1)) || putchar('\n') == EOF ||
			 fflush(stdout);
	json_decref(all);
	return failed ? fail(EXIT_BENCHMARK, "list: cannot be written") : 0;
}
