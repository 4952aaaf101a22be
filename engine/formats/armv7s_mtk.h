/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* armv7s_mtk.h - the alternative of armv7s.h with MediaTek's extension. */
#define ARMV7S_MTK 1
#define FMT_TITLE "Arm VMSAv7 short descriptors with MediaTek's extension"
#include "formats/armv7s.h"
