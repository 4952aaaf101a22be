# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kinds of CPUs of a hybrid machine, performance and efficiency cores, as hwloc ranks them.

hwloc's own library is asked, as the measuring binary would: doctor and compare work without that
binary. Where the library is absent, or cannot rank the kinds, all CPUs count as one kind. See hwloc's
documentation, "Kinds of CPU cores".
"""

import ctypes
from functools import lru_cache

LIBRARY = "libhwloc.so.15"
INCLUDE_DISALLOWED = 1  # HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED: the machine, not our part of it
KEEP_NONE = 1  # HWLOC_TYPE_FILTER_KEEP_NONE


def load():
    """hwloc's library with the types of what is called, or None."""
    try:
        hwloc = ctypes.CDLL(LIBRARY)
        pointer, to = ctypes.c_void_p, ctypes.POINTER
        for name, result, arguments in (
                ("hwloc_topology_init", ctypes.c_int, (to(pointer),)),
                ("hwloc_topology_set_flags", ctypes.c_int, (pointer, ctypes.c_ulong)),
                ("hwloc_topology_set_all_types_filter", ctypes.c_int, (pointer, ctypes.c_int)),
                ("hwloc_topology_load", ctypes.c_int, (pointer,)),
                ("hwloc_topology_destroy", None, (pointer,)),
                ("hwloc_cpukinds_get_nr", ctypes.c_int, (pointer, ctypes.c_ulong)),
                ("hwloc_cpukinds_get_info", ctypes.c_int,
                 (pointer, ctypes.c_uint, pointer, to(ctypes.c_int), pointer, pointer, ctypes.c_ulong)),
                ("hwloc_bitmap_alloc", pointer, ()),
                ("hwloc_bitmap_free", None, (pointer,)),
                ("hwloc_bitmap_next", ctypes.c_int, (pointer, ctypes.c_int))):
            function = getattr(hwloc, name)
            function.restype, function.argtypes = result, arguments
        return hwloc
    except (OSError, AttributeError):
        return None


def members(hwloc, bitmap):
    """The numbers in a bitmap."""
    found, cpu = [], hwloc.hwloc_bitmap_next(bitmap, -1)
    while cpu >= 0:
        found.append(cpu)
        cpu = hwloc.hwloc_bitmap_next(bitmap, cpu)
    return found


def ranked(hwloc, topology):
    """[CPU numbers] of the kinds, the most efficient and slowest first; empty without a ranking."""
    bitmap, efficiency, found = hwloc.hwloc_bitmap_alloc(), ctypes.c_int(-1), []
    for index in range(max(hwloc.hwloc_cpukinds_get_nr(topology, 0), 0)):
        if hwloc.hwloc_cpukinds_get_info(topology, index, bitmap, ctypes.byref(efficiency), None, None, 0) \
                or efficiency.value < 0:
            found = []
            break
        found.append(frozenset(members(hwloc, bitmap)))
    hwloc.hwloc_bitmap_free(bitmap)
    return found


@lru_cache
def cpu_kinds():
    """Sets of CPU numbers, a set for each kind, the fastest last; empty where all CPUs are of one."""
    hwloc, topology = load(), ctypes.c_void_p()
    if not hwloc or hwloc.hwloc_topology_init(ctypes.byref(topology)):
        return []
    hwloc.hwloc_topology_set_flags(topology, INCLUDE_DISALLOWED)
    hwloc.hwloc_topology_set_all_types_filter(topology, KEEP_NONE)
    found = [] if hwloc.hwloc_topology_load(topology) else ranked(hwloc, topology)
    hwloc.hwloc_topology_destroy(topology)
    return found if len(found) > 1 else []


def kind_of(cpu, kinds):
    """The place of a CPU's kind in the ranking, or None."""
    return next((place for place, kind in enumerate(kinds) if cpu in kind), None)


def kind_name(cpu, kinds):
    """What the kind of a CPU is called: performance, efficiency, or middle for those in between; None
    where there are no kinds."""
    place = kind_of(cpu, kinds)
    if place is None:
        return None
    if place == len(kinds) - 1:
        return "performance"
    return "efficiency" if place == 0 else "middle" if len(kinds) == 3 else f"middle{place}"
