// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * count.c - instructions of the bench's warm and coherent cases, where the time stamp counter counts them (QEMU with
 * -icount shift=0): interrupts off, the loop without an operation subtracted.
 */
#include <asm/msr.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "pagetable.h"
#include "subjects.h"

#define BASE (4ULL << 30)
#define PROT (PT_READ | PT_WRITE | PT_CACHE)
#define SAMPLES 5

static const struct shape {
	unsigned int page_lg2, pages;
	unsigned int calls; /* in a sample */
} shapes[] = {
	{ 12, 1, 512 }, { 12, 256, 16 }, { 12, 512, 8 }, { 21, 1, 512 }, { 21, 256, 4 },
};

enum op { MAP, IOVA_TO_PHYS, UNMAP, OPS };

static const char *const op_names[OPS] = { "map", "iova_to_phys", "unmap" };
static u64 sink;

static int no_map(void *handle, u64 iova, u64 oa, u64 length, int prot)
{
	return 0;
}

static u64 no_unmap(void *handle, u64 iova, u64 length)
{
	return length;
}

static u64 no_iova_to_phys(void *handle, u64 iova)
{
	return iova;
}

static const struct inside_subject nothing = {
	.name = "nothing",
	.map = no_map,
	.unmap = no_unmap,
	.iova_to_phys = no_iova_to_phys,
};

/*
 * One sample: ticks of all its calls, or 0 where one failed. Memory is a page further than the
 * address, so that no leaf is larger than a page.
 */
static noinline u64 sample(enum op op, const struct inside_subject *subject, void *handle,
			   const struct shape *shape)
{
	u64 page = 1ULL << shape->page_lg2, length = page * shape->pages, start, end;
	int (*map)(void *handle, u64 iova, u64 oa, u64 length, int prot) = subject->map;
	u64 (*unmap)(void *handle, u64 iova, u64 length) = subject->unmap;
	u64 (*iova_to_phys)(void *handle, u64 iova) = subject->iova_to_phys;
	unsigned int failed = 0;
	unsigned long flags;

	local_irq_save(flags);
	start = rdtsc_ordered();
	switch (op) {
	case MAP:
		for (unsigned int i = 0; i < shape->calls; i++)
			if (unlikely(map(handle, BASE + i * length, BASE + i * length + page,
					 length, PROT)))
				failed++;
		break;
	case UNMAP:
		for (unsigned int i = 0; i < shape->calls; i++)
			if (unlikely(unmap(handle, BASE + i * length, length) != length))
				failed++;
		break;
	default:
		for (unsigned int i = 0; i < shape->calls; i++)
			for (u64 at = 0; at < length; at += page)
				sink = sink * 3 + iova_to_phys(handle, BASE + i * length + at);
	}
	end = rdtsc_ordered();
	local_irq_restore(flags);
	return failed ? 0 : end - start;
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Hundredths of an instruction a call. */
static u64 per_call(u64 ticks, u64 empty, const struct shape *shape)
{
	return ticks > empty ? (ticks - empty) * 100 / shape->calls : 0;
}

/* One shape on one subject: after a round that makes the tables, rounds of map, ask, unmap. */
static int count_shape(const struct inside_format *format, const struct inside_subject *subject,
		       const struct shape *shape)
{
	void *handle = subject->create(subject);
	u64 ticks[OPS][SAMPLES], empty[OPS][SAMPLES];

	if (!handle) {
		pr_err("inside: %s: %s cannot be made\n", format->name, subject->name);
		return -ENOMEM;
	}
	for (int round = -2; round < SAMPLES; round++)
		for (enum op op = MAP; op < OPS; op++) {
			u64 none = sample(op, &nothing, NULL, shape);
			u64 took = sample(op, subject, handle, shape);

			if (!took) {
				pr_err("inside: %s/%s: %s failed\n", format->name, op_names[op],
				       subject->name);
				subject->destroy(handle);
				return -EIO;
			}
			if (round < 0)
				continue;
			ticks[op][round] = took;
			empty[op][round] = none;
		}
	subject->destroy(handle);
	for (enum op op = MAP; op < OPS; op++) {
		u64 least, most;

		sort(ticks[op], SAMPLES, sizeof(u64), by_value, NULL);
		sort(empty[op], SAMPLES, sizeof(u64), by_value, NULL);
		least = per_call(ticks[op][0], empty[op][SAMPLES / 2], shape);
		most = per_call(ticks[op][SAMPLES - 1], empty[op][SAMPLES / 2], shape);
		pr_info("inside: count %s/%s/%s/x%u/coherent/warm %s %llu %llu\n", format->name,
			op_names[op], shape->page_lg2 == 12 ? "4K" : "2M", shape->pages,
			subject->name, least, most);
	}
	cond_resched();
	return 0;
}

int inside_count(const struct inside_format *format)
{
	struct inside_subject list[INSIDE_MOST_SUBJECTS];
	unsigned int number = inside_subjects(format, list);
	int error = 0;

	for (unsigned int s = 0; s < ARRAY_SIZE(shapes); s++)
		for (unsigned int i = 0; i < number && !error; i++)
			error = count_shape(format, &list[i], &shapes[s]);
	return error;
}

/* Say how many ticks 10000 instructions are. */
void inside_calibrate(void)
{
	unsigned long flags, left = 5000;
	u64 start, end;

	local_irq_save(flags);
	start = rdtsc_ordered();
	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(left));
	end = rdtsc_ordered();
	local_irq_restore(flags);
	pr_info("inside: calibrated 10000 instructions %llu ticks\n", end - start);
}
