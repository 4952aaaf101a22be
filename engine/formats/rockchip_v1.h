/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rockchip_v1.h - Rockchip's IOMMU with 32-bit output (rk3288 and others); see rockchip.h. */
#define ROCKCHIP_VERSION 1
#define FMT_TITLE "Rockchip IOMMU, first layout"
#include "formats/rockchip.h"
