/* SPDX-License-Identifier: MIT */
/* apart.h - for what happens once in a life: a part of a test in a process of its own. */
#ifndef APART_H
#define APART_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Has it come to its end, and did all that it asserts hold? Nothing that it changes is seen here. */
static inline bool apart(void (*what)(void))
{
	int status = -1;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1); /* it does not go on with the other tests */
		what();
		exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

#endif
