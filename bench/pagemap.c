// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pagemap.c - reads /proc/PID/maps and /proc/PID/pagemap, see pagemap.h.
 *
 * Authority: Documentation/admin-guide/mm/pagemap.rst in Linux. Bit 63 of an entry
 * says that the page is present, bits 54:0 are its frame; without CAP_SYS_ADMIN
 * the frame reads as 0.
 *
 * Regions are packed from address 0 up, because a process's own addresses do not
 * fit every format; each keeps its place within 2 MiB, and with it every
 * alignment that decides about page sizes. Pages that are not present are left
 * out, and divide a region: nothing could be mapped there.
 */
#define _GNU_SOURCE
#include "pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "trace.h"
#include "whole_file.h"

#define PAGE (1ULL << TRACE_GRANULE_LG2)
#define KEPT_ALIGNMENT (2ULL << 20)
#define PRESENT (1ULL << 63)
#define FRAME ((1ULL << 55) - 1)
#define BATCH 512

struct reading {
	int pagemap;
	FILE *maps_out, *unmaps_out; /* a map line for each run, an unmap for each stretch */
	uint64_t next; /* first address that is not given away */
	struct trace_event run, stretch;
	uint64_t present, hidden; /* pages seen; those without a frame */
};

static void end_run(struct reading *reading)
{
	if (reading->run.length)
		trace_print(reading->maps_out, &reading->run);
	reading->run.length = 0;
}

static void end_stretch(struct reading *reading)
{
	end_run(reading);
	if (reading->stretch.length)
		trace_print(reading->unmaps_out, &reading->stretch);
	reading->stretch.length = 0;
}

static void take_page(struct reading *reading, uint64_t iova, uint64_t entry)
{
	uint64_t oa = (entry & FRAME) << TRACE_GRANULE_LG2;
	struct trace_event *run = &reading->run, *stretch = &reading->stretch;

	if (entry & PRESENT) {
		reading->present++;
		reading->hidden += !oa;
	}
	if (!(entry & PRESENT) || !oa) {
		end_stretch(reading);
		return;
	}
	if (!stretch->length)
		*stretch = (struct trace_event){ .iova = iova };
	if (run->length && run->oa + run->length != oa)
		end_run(reading);
	if (!run->length)
		*run = (struct trace_event){ .iova = iova, .oa = oa, .map = true };
	run->length += PAGE;
	stretch->length += PAGE;
}

static void read_region(struct reading *reading, uint64_t start, uint64_t end)
{
	uint64_t entries[BATCH];
	uint64_t within = start & (KEPT_ALIGNMENT - 1);
	uint64_t iova = (reading->next & ~(KEPT_ALIGNMENT - 1)) + within;

	if (iova < reading->next)
		iova += KEPT_ALIGNMENT;
	while (start < end) {
		uint64_t left = (end - start) / PAGE, pages = left < BATCH ? left : BATCH;
		ssize_t bytes = pread(reading->pagemap, entries, pages * sizeof(*entries),
				      (off_t)(start / PAGE * sizeof(*entries)));

		if (bytes <= 0)
			break;
		pages = (uint64_t)bytes / sizeof(*entries);
		for (uint64_t i = 0; i < pages; i++, start += PAGE, iova += PAGE)
			take_page(reading, iova, entries[i]);
	}
	end_stretch(reading);
	reading->next = iova;
}

/* Anonymous memory, heap and stack; what the kernel itself maps into a process is not. */
static bool is_own_memory(unsigned long inode, const char *name)
{
	if (inode)
		return false;
	return !*name || strncmp(name, "[heap]", 6) == 0 || strncmp(name, "[stack", 6) == 0 ||
	       strncmp(name, "[anon", 5) == 0;
}

static void read_maps(FILE *maps, struct reading *reading)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, maps) > 0) {
		uint64_t start, end;
		unsigned long inode;
		int name = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*x %*s %lu %n", &start, &end, &inode,
			   &name) < 3 ||
		    !name)
			continue;
		line[strcspn(line, "\n")] = 0;
		if (is_own_memory(inode, line + name))
			read_region(reading, start, end);
	}
	free(line);
}

static int check(const struct reading *reading, const char *what)
{
	if (!reading->present)
		return fail(EXIT_ABSENT, "%s: no memory of its own is present", what);
	if (reading->hidden == reading->present)
		return fail(EXIT_ABSENT,
			    "%s: the kernel hides physical addresses from processes "
			    "without CAP_SYS_ADMIN; run as root",
			    what);
	return 0;
}

/* Maps first, then unmaps, as two open memory streams have collected them. */
static int convert(FILE *maps, int pagemap, const char *what, const char *out)
{
	char *text = NULL, *unmaps = NULL;
	size_t text_bytes = 0, unmaps_bytes = 0;
	struct reading reading = {
		.pagemap = pagemap,
		.maps_out = open_memstream(&text, &text_bytes),
		.unmaps_out = open_memstream(&unmaps, &unmaps_bytes),
	};
	const char *wrong = NULL;
	int error;

	if (!reading.maps_out || !reading.unmaps_out)
		return fail(EXIT_BENCHMARK, "pagemap: no memory");
	read_maps(maps, &reading);
	wrong = fclose(reading.unmaps_out) ? "no memory" : NULL;
	fwrite(unmaps, 1, unmaps_bytes, reading.maps_out);
	wrong = fclose(reading.maps_out) ? "no memory" : wrong;
	error = check(&reading, what);
	if (!error && !wrong)
		wrong = whole_file_write(out, text, text_bytes);
	if (wrong)
		error = fail(EXIT_BENCHMARK, "%s: %s", out, wrong);
	free(text);
	free(unmaps);
	return error;
}

static int cannot_open(const char *file)
{
	int code = errno == EACCES || errno == EPERM ? EXIT_ABSENT : EXIT_USAGE;

	return fail(code, "%s: %s", file, strerror(errno));
}

int pagemap_convert(const char *maps, const char *pagemap, const char *out)
{
	FILE *maps_file = fopen(maps, "r");
	int pagemap_file, error;

	if (!maps_file)
		return cannot_open(maps);
	pagemap_file = open(pagemap, O_RDONLY | O_CLOEXEC);
	if (pagemap_file < 0) {
		error = cannot_open(pagemap);
	} else {
		error = convert(maps_file, pagemap_file, maps, out);
		close(pagemap_file);
	}
	fclose(maps_file);
	return error;
}

int pagemap_write(uint64_t pid, const char *out)
{
	char maps[64], pagemap[64];

	snprintf(maps, sizeof(maps), "/proc/%" PRIu64 "/maps", pid);
	snprintf(pagemap, sizeof(pagemap), "/proc/%" PRIu64 "/pagemap", pid);
	return pagemap_convert(maps, pagemap, out);
}
