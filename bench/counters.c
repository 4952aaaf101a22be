// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* counters.c - a group of events by perf_event_open(2), see counters.h. */
#define _GNU_SOURCE
#include "counters.h"

#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libpfm's names of the kernel's generic events, which every CPU's driver maps to its own. */
const struct counter_wish counters_usual[] = {
	{ "cycles", "PERF_COUNT_HW_CPU_CYCLES" },
	{ "instructions", "PERF_COUNT_HW_INSTRUCTIONS" },
	{ "branch_misses", "PERF_COUNT_HW_BRANCH_MISSES" },
	{ "cache_misses", "PERF_COUNT_HW_CACHE_MISSES" },
	{ "dtlb_load_misses", "PERF_COUNT_HW_CACHE_DTLB:READ:MISS" },
	{ NULL, NULL },
};

/* What read(2) gives of a group: perf_event_open(2), "Reading results". */
struct group {
	uint64_t count, time_enabled, time_running, values[COUNTERS_MOST];
};

long counters_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group,
			      unsigned long flags)
{
	return syscall(SYS_perf_event_open, attr, pid, cpu, group, flags);
}

/* Says which of the many things it is that stands between us and the event. */
static void explain(struct counter *counter, int error)
{
	const char *text, *name = strerrorname_np(error);

	switch (error) {
	case ENOENT:
	case ENODEV:
		text = "this machine has no such counter (no PMU, or none for this guest)";
		break;
	case EOPNOTSUPP:
		text = "this CPU's PMU cannot count it";
		break;
	case EACCES:
	case EPERM:
		text = "not permitted: see kernel.perf_event_paranoid";
		break;
	case EINVAL:
	case ENOSPC:
		text = "does not fit beside the other events";
		break;
	case ENOSYS:
		text = "this kernel has no perf events";
		break;
	default:
		text = strerror(error);
	}
	snprintf(counter->reason, sizeof(counter->reason), "%s: %s", name ? name : "?", text);
}

static bool encode(const char *event, struct perf_event_attr *attr, struct counter *counter)
{
	pfm_perf_encode_arg_t arg = { .attr = attr, .size = sizeof(arg) };
	int error = pfm_initialize();

	*attr = (struct perf_event_attr){ .size = sizeof(*attr) };
	if (error == PFM_SUCCESS)
		error = pfm_get_os_event_encoding(event, PFM_PLM3, PFM_OS_PERF_EVENT, &arg);
	if (error == PFM_SUCCESS)
		return true;
	snprintf(counter->reason, sizeof(counter->reason), "libpfm: %s", pfm_strerror(error));
	return false;
}

static void open_one(const struct counter_wish *wish, counters_open_fn open,
		     struct counters *counters)
{
	struct counter *counter = &counters->events[counters->count++];
	struct perf_event_attr attr;
	long fd;

	*counter = (struct counter){ .name = wish->name, .fd = -1 };
	if (!encode(wish->event, &attr, counter))
		return;
	attr.disabled = counters->leader < 0;
	attr.exclude_kernel = 1;
	attr.exclude_hv = 1;
	attr.read_format =
		PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	fd = open(&attr, 0, -1, counters->leader, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0) {
		explain(counter, errno);
		return;
	}
	counter->fd = (int)fd;
	if (counters->leader < 0)
		counters->leader = counter->fd;
}

void counters_open(const struct counter_wish *wishes, counters_open_fn open,
		   struct counters *counters)
{
	*counters = (struct counters){ .leader = -1 };
	for (; wishes->name && counters->count < COUNTERS_MOST; wishes++)
		open_one(wishes, open, counters);
}

void counters_close(struct counters *counters)
{
	for (unsigned int i = counters->count; i-- > 0;)
		if (counters->events[i].fd >= 0)
			close(counters->events[i].fd);
	*counters = (struct counters){ .leader = -1 };
}

/*
 * Only the leader is switched: the others count exactly while it does. Switching each, which is what
 * PERF_IOC_FLAG_GROUP asks for, has left followers standing still from the second time on.
 */
void counters_enable(struct counters *counters)
{
	if (counters->leader >= 0)
		ioctl(counters->leader, PERF_EVENT_IOC_ENABLE, 0);
}

void counters_disable(struct counters *counters)
{
	if (counters->leader >= 0)
		ioctl(counters->leader, PERF_EVENT_IOC_DISABLE, 0);
}

void counters_reset(struct counters *counters)
{
	if (counters->leader >= 0)
		ioctl(counters->leader, PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP);
}

const char *counters_read(struct counters *counters)
{
	struct group group = { 0 };
	unsigned int place = 0;

	if (counters->leader < 0)
		return "nothing is counted";
	if (read(counters->leader, &group, sizeof(group)) < 0)
		return strerror(errno);
	if (!group.time_running)
		return "the group was never counted";
	if (group.time_running < group.time_enabled)
		return "the group was multiplexed with other events";
	for (unsigned int i = 0; i < counters->count; i++)
		if (counters->events[i].fd >= 0)
			counters->events[i].value = group.values[place++];
	return NULL;
}
