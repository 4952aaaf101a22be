/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * thunks_x86.S - what code that is compiled with thunk-extern jumps through.
 *
 * An indirect branch goes through a retpoline: the address is put in place of a return address, and
 * whatever the return predictor makes of it ends in a loop that does nothing (Intel, "Retpoline: A
 * Branch Target Injection Mitigation"). A kernel replaces retpolines at boot on CPUs that need none;
 * what is here is the full sequence. A return goes through a thunk of a plain return, as on CPUs
 * without flaws in the return predictor, followed by a trap against straight-line speculation.
 */
	.section .text.thunks, "ax", @progbits

.macro THUNK reg
	.balign 32
	.globl __x86_indirect_thunk_\reg
	.type __x86_indirect_thunk_\reg, @function
__x86_indirect_thunk_\reg:
	call 2f
1:
	pause
	lfence
	jmp 1b
2:
	mov %\reg, (%rsp)
	ret
	int3
	.size __x86_indirect_thunk_\reg, . - __x86_indirect_thunk_\reg
.endm

	.irp reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	THUNK \reg
	.endr

	.balign 64
	.globl __x86_return_thunk
	.type __x86_return_thunk, @function
__x86_return_thunk:
	ret
	int3
	.size __x86_return_thunk, . - __x86_return_thunk

	.section .note.GNU-stack, "", @progbits
