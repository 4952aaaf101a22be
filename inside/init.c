// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * init.c - all there is in user space of the machine that the module runs in: loads /ptbench.ko with the parameters
 * in /parameters and switches the machine off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONSOLE_LEVEL 8
#define SHOW_ALL 8

int main(void)
{
	char parameters[1024] = "";
	int file = open("/parameters", O_RDONLY);

	if (file < 0 || read(file, parameters, sizeof(parameters) - 1) < 0)
		printf("inside: no parameters: %s\n", strerror(errno));
	klogctl(CONSOLE_LEVEL, NULL, SHOW_ALL);
	file = open("/ptbench.ko", O_RDONLY);
	if (file < 0 || syscall(SYS_finit_module, file, parameters, 0))
		printf("inside: the module cannot be loaded: %s\n", strerror(errno));
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
