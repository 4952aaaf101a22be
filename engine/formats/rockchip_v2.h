/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rockchip_v2.h - Rockchip's IOMMU with 40-bit output (rk3568 and later); see rockchip.h. */
#define ROCKCHIP_VERSION 2
#define FMT_TITLE "Rockchip IOMMU, second layout"
#include "formats/rockchip.h"
