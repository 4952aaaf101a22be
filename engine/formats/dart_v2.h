/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dart_v2.h - Apple DART with the second layout (t6000); see dart.h. Pages of 16K
 * only: the address field has no place for bits 13 and 12.
 */
#define DART_VERSION 2
#define DART_GRANULE_LG2 14
#define FMT_TITLE "Apple DART, second layout"
#define FMT_IA_BITS 36
#include "formats/dart.h"
