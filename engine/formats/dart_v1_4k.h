/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dart_v1_4k.h - the alternative of dart_v1.h for 4K pages; see dart.h. */
#define DART_VERSION 1
#define DART_GRANULE_LG2 12
#define FMT_TITLE "Apple DART, first layout, 4K pages"
#define FMT_IA_BITS 32 /* four roots */
#include "formats/dart.h"
