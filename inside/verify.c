// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * verify.c - the same random maps and unmaps on every subject of a format: equal translations, equal words
 * in leaves and in what is above them, everything unmapped flushed. Then, on the engine's two variants,
 * all its operations, after which every address still translates as it did. All of it with
 * interrupts off, where nothing may sleep.
 */
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "pagetable.h"
#include "subjects.h"

#define BASE (4ULL << 30)
#define BLOCK (2ULL << 20)
#define WINDOW (64ULL << 20)
#define LARGEST (4 * BLOCK) /* no map is larger, and so no leaf */
#define PAGES (WINDOW >> PAGE_SHIFT)
#define PROT (PT_READ | PT_WRITE | PT_CACHE)
#define WORDS_EVERY 64
#define MOST_LEVELS 8
#define MOST_RUNS 8

struct verifier {
	const struct inside_format *format;
	struct inside_subject list[INSIDE_MOST_SUBJECTS];
	void *handles[INSIDE_MOST_SUBJECTS];
	unsigned int number, engines; /* the engine's called directly come first */
	u64 *expected; /* physical address of each page of the window; 0: not mapped */
	u64 random;
	unsigned int step, maps, unmaps, changes;
	bool wrong;
};

static u64 draw(struct verifier *v, u64 below)
{
	v->random ^= v->random << 13;
	v->random ^= v->random >> 7;
	v->random ^= v->random << 17;
	return v->random % below;
}

#define WRONG(v, subject, text, ...)                                                              \
	do {                                                                                      \
		(v)->wrong = true;                                                                \
		pr_err("inside: %s: %s: step %u: " text "\n", (v)->format->name, (subject)->name, \
		       (v)->step, __VA_ARGS__);                                                   \
	} while (0)

static u64 page_of(u64 iova)
{
	return (iova - BASE) >> PAGE_SHIFT;
}

/* Is nothing mapped in the range, or all of it? */
static bool is_free(const struct verifier *v, u64 iova, u64 length)
{
	for (u64 at = iova; at < iova + length; at += PAGE_SIZE)
		if (v->expected[page_of(at)])
			return false;
	return true;
}

/* What every side makes of a window, as one number: words of leaves and of the items above them. */
struct seen {
	const struct pt_format *format;
	struct pt_config config;
	u64 above[MOST_LEVELS];
	u64 hash, leaves;
};

static int see(void *context, const struct pt_item *item)
{
	struct seen *seen = context;
	u64 word = seen->format->comparable(&seen->config, item);

	if (item->is_table) {
		seen->above[item->level] = word;
		return 0;
	}
	seen->leaves++;
	seen->hash = seen->hash * 0x9e3779b97f4a7c15ULL + item->iova + word * 31 + item->level;
	for (unsigned int level = item->level + 1; level < MOST_LEVELS; level++)
		seen->hash = (seen->hash ^ seen->above[level]) * 0x100000001b3ULL;
	return 0;
}

static void look(const struct verifier *v, unsigned int i, struct seen *seen)
{
	unsigned int level;
	const void *root = v->list[i].root(v->handles[i], &level);

	memset(seen, 0, sizeof(*seen));
	seen->format = v->format->inlined;
	seen->format->visit(&seen->config, root, level, see, seen);
}

static u64 compare_words(struct verifier *v, unsigned int number)
{
	struct seen first, other;

	look(v, 0, &first);
	for (unsigned int i = 1; i < number; i++) {
		look(v, i, &other);
		if (other.hash != first.hash || other.leaves != first.leaves)
			WRONG(v, &v->list[i], "%llu leaf words, unlike the %llu of %s",
			      other.leaves, first.leaves, v->list[0].name);
	}
	return first.leaves;
}

static void compare_translations(struct verifier *v, unsigned int number, u64 first, u64 end)
{
	for (unsigned int i = 0; i < number; i++)
		for (u64 at = first; at < end; at += PAGE_SIZE) {
			u64 found = v->list[i].iova_to_phys(v->handles[i], at + 8);
			u64 expected = v->expected[page_of(at)];

			if (found != (expected ? expected + 8 : 0)) {
				WRONG(v, &v->list[i], "%llx translates to %llx, not %llx", at,
				      found, expected);
				return;
			}
		}
}

static void map_all(struct verifier *v, u64 iova, u64 oa, u64 length)
{
	unsigned long flags;

	v->maps++;
	for (unsigned int i = 0; i < v->number; i++) {
		int prot = PROT, error;

		/* Planted: a bit of a word. */
		if (inside_planted("word") && i == 1 && v->maps == 20)
			prot &= ~PT_WRITE;
		local_irq_save(flags);
		error = v->list[i].map(v->handles[i], iova, oa, length, prot);
		local_irq_restore(flags);
		if (error)
			WRONG(v, &v->list[i], "map of %llx, %llu bytes: %d", iova, length, error);
	}
	for (u64 done = 0; done < length; done += PAGE_SIZE)
		v->expected[page_of(iova + done)] = oa + done;
}

/* From end to end of the largest leaf that may be there, so that none is split: what drivers do then differs. */
static void unmap_all(struct verifier *v, u64 first, u64 end)
{
	unsigned long flags;

	v->unmaps++;
	for (unsigned int i = 0; i < v->number; i++) {
		u64 at = first;

		inside_flushed_clear(BASE, PAGES);
		while (at < end) {
			u64 bytes = PAGE_SIZE;

			if (v->expected[page_of(at)]) {
				local_irq_save(flags);
				bytes = v->list[i].unmap(v->handles[i], at, PAGE_SIZE);
				local_irq_restore(flags);
			}
			if (!bytes) {
				WRONG(v, &v->list[i], "unmap of %llx: nothing", at);
				break;
			}
			at += bytes;
		}
		for (at = first; v->list[i].format && at < end; at += PAGE_SIZE)
			if (v->expected[page_of(at)] && !inside_flushed(at)) {
				WRONG(v, &v->list[i], "%llx is unmapped, and not flushed", at);
				break;
			}
	}
	for (u64 at = first; at < end; at += PAGE_SIZE)
		v->expected[page_of(at)] = 0;
}

/* A map where all is free, else perhaps an unmap of the blocks around. */
static void random_step(struct verifier *v)
{
	u64 kind = draw(v, 8), iova, oa, length, first, end;
	u64 pages = kind < 4   ? 1 + draw(v, 8)
		    : kind < 7 ? 1 + draw(v, 1024)
			       : 512 * (1 + draw(v, LARGEST / BLOCK));

	length = pages << PAGE_SHIFT;
	iova = BASE + (draw(v, (WINDOW - length) >> PAGE_SHIFT) << PAGE_SHIFT);
	if (kind == 7 || draw(v, 3) == 0)
		iova &= ~(BLOCK - 1);
	oa = draw(v, 2) ? iova + draw(v, 16) * BLOCK
			: (draw(v, 1ULL << 20) << PAGE_SHIFT) + (1ULL << 32);
	if (is_free(v, iova, length)) {
		map_all(v, iova, oa, length);
	} else if (draw(v, 2)) {
		first = iova & ~(LARGEST - 1);
		end = first + LARGEST;
		unmap_all(v, first, end);
	}
	for (unsigned int i = 0; i < 4; i++) {
		u64 at = BASE + (draw(v, PAGES) << PAGE_SHIFT);

		compare_translations(v, v->number, at, at + PAGE_SIZE);
	}
}

static void result_of(struct verifier *v, unsigned int i, const char *what, u64 iova, int error)
{
	if (error)
		WRONG(v, &v->list[i], "%s at %llx: %d", what, iova, error);
}

/* Marks that hardware would make, read without clearing and with it. */
static void check_dirty(struct verifier *v, unsigned int i, u64 iova)
{
	struct pagetable *table = v->handles[i];
	struct pt_gather gather = PT_GATHER_INIT;
	u64 bits[BLOCK / PAGE_SIZE / 64] = { 0 };
	struct pt_dirty dirty = { .iova = iova & ~(BLOCK - 1),
				  .page_lg2 = PAGE_SHIFT,
				  .bits = bits };
	u64 page = (iova & (BLOCK - 1)) >> PAGE_SHIFT;

	/* ARM's hardware makes marks only where a quirk lets it. */
	if (!v->list[i].format->has_dirty || v->list[i].format->quirks & PT_QUIRK_HARDWARE_DIRTY ||
	    !v->expected[page_of(iova)])
		return;
	result_of(v, i, "set_dirty", iova, table->ops->set_dirty(table, iova));
	for (unsigned int pass = 0; pass < 3; pass++) {
		bool marked;

		memset(bits, 0, sizeof(bits));
		dirty.clear = pass == 1;
		result_of(v, i, "read_dirty", iova,
			  table->ops->read_dirty(table, &dirty, BLOCK, &gather));
		marked = bits[page / 64] >> page % 64 & 1;
		if (marked != (pass < 2))
			WRONG(v, &v->list[i], "the mark of %llx is %d in pass %u", iova, marked,
			      pass);
	}
	pt_sync(table, &gather);
}

/* Random blocks are cut, fragmented, joined; nobody's translation changes, and both variants agree. */
static void change_step(struct verifier *v)
{
	u64 iova = BASE + (draw(v, PAGES) << PAGE_SHIFT), block = iova & ~(BLOCK - 1);
	u64 length = min((1 + draw(v, 600)) << PAGE_SHIFT, BASE + WINDOW - iova), what = draw(v, 5);
	unsigned long flags;

	v->changes++;
	for (unsigned int i = 0; i < v->engines; i++) {
		struct pagetable *table = v->handles[i];
		struct pt_gather gather = PT_GATHER_INIT;

		local_irq_save(flags);
		if (what == 0)
			result_of(v, i, "cut", iova, table->ops->cut(table, iova, length, &gather));
		else if (what == 1)
			result_of(v, i, "fragment", iova,
				  table->ops->fragment(table, iova, length, PAGE_SHIFT, &gather));
		else if (what == 2)
			result_of(v, i, "reassemble", block,
				  table->ops->reassemble(table, block, BLOCK, 63, &gather));
		else if (what == 3)
			check_dirty(v, i, iova);
		pt_sync(table, &gather);
		local_irq_restore(flags);
	}
	compare_translations(v, v->engines, block, block + BLOCK);
}

/* Runs of memory are mapped at once, handed back at once, and are what went in. */
static void batch_step(struct verifier *v)
{
	struct pt_run runs[MOST_RUNS], back[MOST_RUNS];
	size_t count = 1 + draw(v, MOST_RUNS), returned;
	u64 block = BASE + draw(v, WINDOW / BLOCK) * BLOCK, length = 0;
	unsigned long flags;

	for (size_t k = 0; k < count; k++) {
		runs[k].oa = (1ULL << 33) + (draw(v, 1ULL << 18) * 2 + 1) * 64 * PAGE_SIZE;
		runs[k].length = (1 + draw(v, 60)) << PAGE_SHIFT;
		length += runs[k].length;
	}
	if (!is_free(v, block, BLOCK))
		return;
	v->changes++;
	for (unsigned int i = 0; i < v->engines; i++) {
		struct pagetable *table = v->handles[i];
		struct pt_gather gather = PT_GATHER_INIT;
		s64 bytes;

		local_irq_save(flags);
		result_of(v, i, "map_batch", block,
			  table->ops->map_batch(table, block, runs, count, PROT));
		bytes = table->ops->unmap_batch(table, block, length, &gather, back, MOST_RUNS,
						&returned);
		pt_sync(table, &gather);
		local_irq_restore(flags);
		if (bytes != length || returned != count ||
		    memcmp(runs, back, count * sizeof(*runs)))
			WRONG(v, &v->list[i], "unmap_batch of %llx hands back something else",
			      block);
	}
}

static int open_all(struct verifier *v)
{
	v->expected = vzalloc(PAGES * sizeof(*v->expected));
	if (!v->expected)
		return -ENOMEM;
	v->number = inside_subjects(v->format, v->list);
	v->engines = 2;
	for (unsigned int i = 0; i < v->number; i++) {
		v->handles[i] = v->list[i].create(&v->list[i]);
		if (!v->handles[i]) {
			WRONG(v, &v->list[i], "cannot be made%s", "");
			return -ENOMEM;
		}
	}
	return 0;
}

static void close_all(struct verifier *v)
{
	for (unsigned int i = 0; i < v->number; i++)
		if (v->handles[i])
			v->list[i].destroy(v->handles[i]);
	vfree(v->expected);
}

int inside_verify(const struct inside_format *format, unsigned int steps, u64 seed)
{
	struct verifier v = { .format = format, .random = seed * 0x9e3779b97f4a7c15ULL + 1 };
	int error = open_all(&v);
	u64 words = 0;

	for (v.step = 0; v.step < steps && !error && !v.wrong; v.step++) {
		random_step(&v);
		if (v.step % WORDS_EVERY == WORDS_EVERY - 1) {
			words = compare_words(&v, v.number);
			cond_resched();
		}
	}
	if (!error)
		compare_translations(&v, v.number, BASE, BASE + WINDOW);
	for (unsigned int i = 0; i < steps && !error && !v.wrong; i++, v.step++) {
		change_step(&v);
		batch_step(&v);
		if (i % WORDS_EVERY == WORDS_EVERY - 1) {
			compare_words(&v, v.engines);
			cond_resched();
		}
	}
	if (!error)
		compare_translations(&v, v.engines, BASE, BASE + WINDOW);
	pr_info("inside: verify %s: seed %llu, %u subjects, %u maps, %u unmaps, %llu words, %u "
		"changes: %s\n",
		format->name, seed, v.number, v.maps, v.unmaps, words, v.changes,
		error || v.wrong ? "DIFFERENT" : "equal");
	close_all(&v);
	return error ? error : v.wrong ? -EINVAL : 0;
}
