// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * golden_words.c - see golden_words.h. Addresses are chosen so that every hex
 * digit of an address field differs from its neighbours.
 */
#include "golden_words.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define TIB(n) ((uint64_t)(n) << 40)

enum {
	R = PT_READ,
	W = PT_WRITE,
	RW = PT_READ | PT_WRITE,
	C = PT_CACHE,
	X = PT_NOEXEC,
	M = PT_MMIO,
	P = PT_PRIV,
};

#define LEAF(...) ((struct golden_leaf){ __VA_ARGS__ })

/* Output addresses of 36, 40, 48 and 52 bits for 4K leaves and larger ones. */
#define OA36 0xcba987000
#define OA40 0xedcba87000
#define OA48 0xfedcba987000
#define OA52 0xfedcba9876000

const struct golden golden_words[] = {
	{ "amdv1",
	  { 0 },
	  { 0, 0x6000000000000201, 0x6000000000000401, 0x6000000000000601, 0x6000000000000801 },
	  { { R, KIB(4), OA52, 0x300fedcba9876001 },
	    { W, KIB(4), OA52, 0x500fedcba9876001 },
	    { RW, KIB(4), OA52, 0x700fedcba9876001 },
	    { RW | C | X | M | P, KIB(4), OA52, 0x700fedcba9876001 },
	    { RW, KIB(8), 0xfedcba9876000, 0x700fedcba9876e01 },
	    { RW, KIB(16), 0xfedcba9874000, 0x700fedcba9875e01 },
	    { RW, KIB(32), 0xfedcba9870000, 0x700fedcba9873e01 },
	    { RW, KIB(64), 0xfedcba9870000, 0x700fedcba9877e01 },
	    { R, MIB(1), 0xfedcba9800000, 0x300fedcba987fe01 },
	    { RW, MIB(1), 0xfedcba9800000, 0x700fedcba987fe01 },
	    { R, MIB(2), 0xfedcba9800000, 0x300fedcba9800001 },
	    { RW, MIB(2), 0xfedcba9800000, 0x700fedcba9800001 },
	    { RW, MIB(4), 0xfedcba9800000, 0x700fedcba99ffe01 },
	    { RW, GIB(1), 0xfedcb80000000, 0x700fedcb80000001 },
	    { RW, GIB(256), 0x0f4000000000, 0x70000f5ffffffe01 },
	    { RW, TIB(1), 0x030000000000, 0x7000037ffffffe01 },
	    { RW, TIB(256), 0x3000000000000, 0x7003000000000001 } } },
	{ "amdv1",
	  { .quirks = PT_QUIRK_NO_FORCE_COHERENCE },
	  { 0, 0x6000000000000201, 0x6000000000000401 },
	  { { R, KIB(4), OA52, 0x200fedcba9876001 },
	    { RW, KIB(64), 0xfedcba9870000, 0x600fedcba9877e01 } } },

	{ "x86_64",
	  { 0 },
	  { 0, 0x27, 0x27, 0x27, 0x27 },
	  { { R, KIB(4), OA52, 0xfedcba9876065 },
	    { W, KIB(4), OA52, 0xfedcba9876067 },
	    { RW, KIB(4), OA52, 0xfedcba9876067 },
	    { RW | C | X | M | P, KIB(4), OA52, 0xfedcba9876067 },
	    { R, MIB(2), 0xfedcba9800000, 0xfedcba98000e5 },
	    { RW, MIB(2), 0xfedcba9800000, 0xfedcba98000e7 },
	    { R, GIB(1), 0xfedcb80000000, 0xfedcb800000e5 },
	    { W, GIB(1), 0xfedcb80000000, 0xfedcb800000e7 } } },
	{ "x86_64",
	  { .ia_bits = 57, .quirks = PT_QUIRK_FIRST_STAGE },
	  { 0, 0x27, 0x27, 0x27, 0x27 },
	  { { R, KIB(4), OA52, 0xfedcba9876025 },
	    { W, KIB(4), OA52, 0xfedcba9876067 },
	    { RW, KIB(4), OA52, 0xfedcba9876067 },
	    { R, MIB(2), 0xfedcba9800000, 0xfedcba98000a5 },
	    { RW, MIB(2), 0xfedcba9800000, 0xfedcba98000e7 },
	    { R, GIB(1), 0xfedcb80000000, 0xfedcb800000a5 },
	    { RW | C | X | M | P, GIB(1), 0xfedcb80000000, 0xfedcb800000e7 } } },
	{ "x86_64",
	  { .quirks = PT_QUIRK_FIRST_STAGE | PT_QUIRK_SIGN_EXTEND, .incoherent = true },
	  { 0, 0x27, 0x27, 0x27, 0x27 },
	  { { RW, KIB(4), OA52, 0xfedcba9876067 } } },

	{ "vtdss",
	  { 0 },
	  { 0, 0x3, 0x3, 0x3, 0x3 },
	  { { R, KIB(4), OA52, 0xfedcba9876001 },
	    { W, KIB(4), OA52, 0xfedcba9876003 },
	    { RW, KIB(4), OA52, 0xfedcba9876003 },
	    { RW | C | X | M | P, KIB(4), OA52, 0xfedcba9876003 },
	    { R, MIB(2), 0xfedcba9800000, 0xfedcba9800081 },
	    { W, MIB(2), 0xfedcba9800000, 0xfedcba9800083 },
	    { RW, GIB(1), 0xfedcb80000000, 0xfedcb80000083 } } },
	{ "vtdss",
	  { .ia_bits = 57, .quirks = PT_QUIRK_FORCE_SNOOP, .incoherent = true },
	  { 0, 0x3, 0x3, 0x3, 0x3 },
	  { { R, KIB(4), OA52, 0xfedcba9876801 },
	    { RW, MIB(2), 0xfedcba9800000, 0xfedcba9800883 } } },
	{ "vtdss",
	  { .ia_bits = 39, .quirks = PT_QUIRK_EXACT_PERMISSIONS },
	  { 0, 0x3, 0x3, 0x3, 0x3 },
	  { { R, KIB(4), OA52, 0xfedcba9876001 },
	    { W, KIB(4), OA52, 0xfedcba9876002 },
	    { RW, KIB(4), OA52, 0xfedcba9876003 },
	    { W, GIB(1), 0xfedcb80000000, 0xfedcb80000082 } } },

#define ARM_S1_PAGES(size, oa, type)                                                             \
	LEAF(R, size, oa, oa + 0xec0 + type), LEAF(W, size, oa, oa + 0xe40 + type),              \
		LEAF(RW, size, oa, oa + 0xe40 + type), LEAF(R | C, size, oa, oa + 0xfc4 + type), \
		LEAF(RW | C, size, oa, oa + 0xf44 + type),                                       \
		LEAF(RW | M, size, oa, oa + 0xe48 + type),                                       \
		LEAF(RW | C | M, size, oa, oa + 0xf48 + type),                                   \
		LEAF(RW | P, size, oa, oa + 0xe00 + type),                                       \
		LEAF(RW | X, size, oa, oa + 0x0060000000000e40 + type)
#define ARM_S2_PAGES(size, oa, type)                                                             \
	LEAF(R, size, oa, oa + 0x654 + type), LEAF(W, size, oa, oa + 0x694 + type),              \
		LEAF(RW, size, oa, oa + 0x6d4 + type), LEAF(R | C, size, oa, oa + 0x77c + type), \
		LEAF(RW | C, size, oa, oa + 0x7fc + type),                                       \
		LEAF(RW | M, size, oa, oa + 0x6c4 + type),                                       \
		LEAF(RW | C | M, size, oa, oa + 0x7c4 + type),                                   \
		LEAF(RW | P, size, oa, oa + 0x6d4 + type),                                       \
		LEAF(RW | X, size, oa, oa + 0x00600000000006d4 + type)
#define ARM_TABLES 0, 0x3, 0x3, 0x3
#define ARM_CONTIGUOUS 0x0010000000000000

	{ "armv8_4k_s1",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S1_PAGES(KIB(4), OA48, 3), ARM_S1_PAGES(MIB(2), 0xfedcba800000, 1),
	    ARM_S1_PAGES(GIB(1), 0xfedc80000000, 1) } },
	{ "armv8_4k_s1",
	  { .quirks = PT_QUIRK_HARDWARE_DIRTY, .incoherent = true },
	  { ARM_TABLES },
	  { { R, KIB(4), OA48, 0x0000fedcba987ec3 },
	    { W, KIB(4), OA48, 0x0008fedcba987e43 },
	    { RW | C, MIB(2), 0xfedcba800000, 0x0008fedcba800f45 } } },
	{ "armv8_4k_s1",
	  { .ia_bits = 39, .quirks = PT_QUIRK_NON_SECURE | PT_QUIRK_TTBR1 },
	  { 0, 0x8000000000000003, 0x8000000000000003 },
	  { { R, KIB(4), OA48, 0x0000fedcba987ee3 },
	    { RW, GIB(1), 0xfedc80000000, 0x0000fedc80000e61 } } },
	{ "armv8_4k_s1",
	  { .quirks = PT_QUIRK_CONTIGUOUS },
	  { ARM_TABLES },
	  { { RW, KIB(4), OA48, 0x0000fedcba987e43 },
	    { RW, KIB(64), 0xfedcba980000, 0x0000fedcba980e43 + ARM_CONTIGUOUS, KIB(4) },
	    { R | C, MIB(32), 0xfedcba000000, 0x0000fedcba000fc5 + ARM_CONTIGUOUS, MIB(2) },
	    { RW | X, GIB(16), 0xfed800000000, 0x0060fed800000e41 + ARM_CONTIGUOUS, GIB(1) } } },
	{ "armv8_16k_s1",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S1_PAGES(KIB(16), 0xfedcba98c000, 3), ARM_S1_PAGES(MIB(32), 0xfedcba000000, 1) } },
	{ "armv8_16k_s1",
	  { .quirks = PT_QUIRK_CONTIGUOUS, .incoherent = true },
	  { ARM_TABLES },
	  { { RW, MIB(2), 0xfedcba800000, 0x0000fedcba800e43 + ARM_CONTIGUOUS, KIB(16) },
	    { RW, GIB(1), 0xfedc80000000, 0x0000fedc80000e41 + ARM_CONTIGUOUS, MIB(32) } } },
	{ "armv8_64k_s1",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S1_PAGES(KIB(64), 0xfedcba980000, 3), ARM_S1_PAGES(MIB(512), 0xfedca0000000, 1) } },
	{ "armv8_64k_s1",
	  { .ia_bits = 52, .oa_bits = 52 },
	  { ARM_TABLES },
	  { { RW, KIB(64), 0x1579bc0000000, 0x0000579bc0001e43 },
	    { RW | X, KIB(64), 0xfedcba9870000, 0x0060edcba987fe43 },
	    { R, MIB(512), 0x579bc20000000, 0x000079bc20005ec1 },
	    { RW, TIB(4), 0xa040000000000, 0x000004000000ae41 } } },
	{ "armv8_64k_s1",
	  { .quirks = PT_QUIRK_CONTIGUOUS },
	  { ARM_TABLES },
	  { { RW, MIB(2), 0xfedcba800000, 0x0000fedcba800e43 + ARM_CONTIGUOUS, KIB(64) },
	    { RW, GIB(16), 0xfed800000000, 0x0000fed800000e41 + ARM_CONTIGUOUS, MIB(512) } } },

	{ "armv8_4k_s2",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S2_PAGES(KIB(4), OA48, 3), ARM_S2_PAGES(MIB(2), 0xfedcba800000, 1),
	    ARM_S2_PAGES(GIB(1), 0xfedc80000000, 1) } },
	{ "armv8_4k_s2",
	  { .ia_bits = 40, .incoherent = true },
	  { ARM_TABLES },
	  { { RW, KIB(4), OA48, 0x0000fedcba9876d7 } } },
	/* XN[1:0] is 0b11 otherwise, by which FEAT_XNX lets EL1 execute. */
	{ "armv8_4k_s2",
	  { .quirks = PT_QUIRK_XNX },
	  { ARM_TABLES },
	  { { RW, KIB(4), OA48, 0x0000fedcba9876d7 },
	    { RW | PT_NOEXEC, KIB(4), OA48, 0x0040fedcba9876d7 },
	    { PT_READ | PT_NOEXEC, MIB(2), 0xfedcba800000, 0x0040fedcba800655 } } },
	{ "armv8_4k_s2",
	  { .ia_bits = 40, .quirks = PT_QUIRK_CONTIGUOUS },
	  { ARM_TABLES },
	  { { RW, KIB(64), 0xfedcba980000, 0x0000fedcba9806d7 + ARM_CONTIGUOUS, KIB(4) } } },
	{ "armv8_16k_s2",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S2_PAGES(KIB(16), 0xfedcba98c000, 3), ARM_S2_PAGES(MIB(32), 0xfedcba000000, 1) } },
	{ "armv8_64k_s2",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S2_PAGES(KIB(64), 0xfedcba980000, 3), ARM_S2_PAGES(MIB(512), 0xfedca0000000, 1) } },
	{ "armv8_64k_s2",
	  { .ia_bits = 52, .oa_bits = 52 },
	  { ARM_TABLES },
	  { { RW, KIB(64), 0x1579bc0000000, 0x0000579bc00016d7 } } },

	{ "arm_lpae32_s1",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S1_PAGES(KIB(4), OA40, 3), ARM_S1_PAGES(MIB(2), 0xedcba00000, 1),
	    ARM_S1_PAGES(GIB(1), 0xedc0000000, 1) } },
	{ "arm_lpae32_s1",
	  { .quirks = PT_QUIRK_NON_SECURE, .incoherent = true },
	  { 0, 0x8000000000000003, 0x8000000000000003 },
	  { { RW, KIB(4), OA40, 0x000000edcba87e63 } } },
	{ "arm_lpae32_s2",
	  { 0 },
	  { ARM_TABLES },
	  { ARM_S2_PAGES(KIB(4), OA40, 3), ARM_S2_PAGES(MIB(2), 0xedcba00000, 1),
	    ARM_S2_PAGES(GIB(1), 0xedc0000000, 1) } },

#define MALI_PAGES(size, oa)                                                                \
	LEAF(R, size, oa, oa + 0x241), LEAF(W, size, oa, oa + 0x281),                       \
		LEAF(RW, size, oa, oa + 0x2c1), LEAF(RW | C, size, oa, oa + 0x2c5),         \
		LEAF(RW | M, size, oa, oa + 0x2c9), LEAF(RW | C | M, size, oa, oa + 0x2c9), \
		LEAF(RW | P, size, oa, oa + 0x2c1),                                         \
		LEAF(RW | X, size, oa, oa + 0x00600000000002c1)

	{ "arm_mali_lpae",
	  { 0 },
	  { ARM_TABLES },
	  { MALI_PAGES(KIB(4), OA40), MALI_PAGES(MIB(2), 0xedcba00000),
	    MALI_PAGES(GIB(1), 0xedc0000000) } },
	{ "arm_mali_lpae",
	  { .ia_bits = 33, .incoherent = true },
	  { ARM_TABLES },
	  { { RW, KIB(4), OA40, 0x000000edcba872c1 } } },

#define V7S_PAGES(prot, page, large, section)                        \
	LEAF(prot, KIB(4), 0xfedcb000, 0xfedcb000 + page),           \
		LEAF(prot, KIB(64), 0xfedc0000, 0xfedc0000 + large), \
		LEAF(prot, MIB(1), 0xfed00000, 0xfed00000 + section)

	{ "armv7s",
	  { 0 },
	  { 0, 0x1 },
	  { V7S_PAGES(W, 0xc72, 0x1c31, 0x31c02),
	    V7S_PAGES(RW, 0xc72, 0x1c31, 0x31c02),
	    V7S_PAGES(R, 0xe72, 0x1e31, 0x39c02),
	    V7S_PAGES(RW | C, 0xc7e, 0x1c3d, 0x31c0e),
	    V7S_PAGES(RW | X, 0xc73, 0x9c31, 0x31c12),
	    V7S_PAGES(RW | M, 0xc36, 0x0c35, 0x30c06),
	    V7S_PAGES(RW | M | C, 0xc36, 0x0c35, 0x30c06),
	    V7S_PAGES(RW | P, 0xc52, 0x1c11, 0x31402),
	    { RW, MIB(16), 0xfe000000, 0xfe071c02 } } },
	{ "armv7s",
	  { .quirks = PT_QUIRK_NON_SECURE, .incoherent = true },
	  { 0, 0x9 },
	  { V7S_PAGES(RW, 0xc72, 0x1c31, 0xb1c02), { RW, MIB(16), 0xfe000000, 0xfe0f1c02 } } },
	{ "armv7s",
	  { .quirks = PT_QUIRK_NO_PERMS },
	  { 0, 0x1 },
	  { V7S_PAGES(RW, 0xc42, 0x1c01, 0x31002), V7S_PAGES(R | X | P, 0xc42, 0x1c01, 0x31002) } },
	{ "armv7s",
	  { .ia_bits = 34,
	    .oa_bits = 35,
	    .quirks = PT_QUIRK_NO_PERMS | PT_QUIRK_MTK_EXT | PT_QUIRK_MTK_TTBR_EXT },
	  { 0, 0x1 },
	  { { RW, KIB(4), 0x700003000, 0x3e72 },
	    { R, KIB(4), 0x1fedcb000, 0xfedcbe42 },
	    { RW, KIB(64), 0x2fedc0000, 0xfedc1c11 },
	    { RW, MIB(1), 0x4fed00000, 0xfed31022 },
	    { RW, MIB(16), 0x7fe000000, 0xfe071232 } } },

	{ "dart_v1",
	  { 0 },
	  { 0, 0x1 },
	  { { R, KIB(16), 0xcba98c000, 0x000fff0cba98c083 },
	    { W, KIB(16), 0xcba98c000, 0x000fff0cba98c103 },
	    { RW, KIB(16), 0xcba98c000, 0x000fff0cba98c003 },
	    { RW | C | X | M | P, KIB(16), 0xcba98c000, 0x000fff0cba98c003 } } },
	{ "dart_v1",
	  { .page_sizes = KIB(4) },
	  { 0, 0x1 },
	  { { R, KIB(4), OA36, 0x000fff0cba987083 },
	    { W, KIB(4), OA36, 0x000fff0cba987103 },
	    { RW, KIB(4), OA36, 0x000fff0cba987003 } } },
	{ "dart_v2",
	  { 0 },
	  { 0, 0x1 },
	  { { R, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c07 },
	    { W, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c0b },
	    { RW, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c03 },
	    { RW | C | X | M | P, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c03 } } },
	{ "dart_v2",
	  { .quirks = PT_QUIRK_CACHED },
	  { 0, 0x1 },
	  { { R, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c07 },
	    { RW, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c03 },
	    { RW | C | X | M | P, KIB(16), 0x3dcba98c000, 0x000fff3dcba98c01 } } },

	{ "riscv64",
	  { .ia_bits = 57 },
	  { 0, 0x1, 0x1, 0x1, 0x1 },
	  { { R, KIB(4), 0xfedcba98765000, 0x003fb72ea61d945b },
	    { W, KIB(4), 0xfedcba98765000, 0x003fb72ea61d94df },
	    { RW, KIB(4), 0xfedcba98765000, 0x003fb72ea61d94df },
	    { RW | X, KIB(4), 0xfedcba98765000, 0x003fb72ea61d94d7 },
	    { RW | C | M | P, KIB(4), 0xfedcba98765000, 0x003fb72ea61d94df },
	    { RW, MIB(2), 0xfedcba98600000, 0x003fb72ea61800df },
	    { R | X, GIB(1), 0xfedcba80000000, 0x003fb72ea0000053 },
	    { RW, GIB(512), 0xfedc8000000000, 0x003fb720000000df },
	    { RW, TIB(256), 0xfe000000000000, 0x003f8000000000df } } },
	{ "riscv64",
	  { .quirks = PT_QUIRK_CONTIGUOUS | PT_QUIRK_MEMORY_TYPES },
	  { 0, 0x1, 0x1, 0x1, 0x1 },
	  { { RW | C, KIB(4), 0xfedcba98765000, 0x003fb72ea61d94df },
	    { RW, KIB(4), 0xfedcba98765000, 0x203fb72ea61d94df },
	    { RW | M, KIB(4), 0xfedcba98765000, 0x403fb72ea61d94df },
	    { RW | C | M, MIB(2), 0xfedcba98600000, 0x403fb72ea61800df },
	    { R | C, KIB(64), 0xfedcba98760000, 0x803fb72ea61da05b },
	    { RW, KIB(64), 0xfedcba98760000, 0xa03fb72ea61da0df } } },

	{ "s390",
	  { 0 },
	  { 0, 0x0, 0x7 },
	  { { R, KIB(4), 0x7edcba9876543000, 0x7edcba9876543200 },
	    { W, KIB(4), 0x7edcba9876543000, 0x7edcba9876543000 },
	    { RW, KIB(4), 0x7edcba9876543000, 0x7edcba9876543000 },
	    { RW | C | X | M | P, KIB(4), 0x7edcba9876543000, 0x7edcba9876543000 } } },
	{ 0 },
};
