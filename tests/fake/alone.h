/* SPDX-License-Identifier: MIT */
/*
 * alone.h - tests that each boot a machine: what there is once in an image (struct machine, the buses, the
 * agent's port) is as after a reset, for each runs in a process of its own. Include it behind cmocka.h.
 */
#ifndef ALONE_H
#define ALONE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void alone(void **state)
{
	CMUnitTestFunction test = (CMUnitTestFunction)(uintptr_t)*state;
	void *nothing = NULL;
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		setenv("CMOCKA_TEST_ABORT", "1",
		       1); /* a failure ends this process, not just the test */
		test(&nothing);
		exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* A row of the list of tests. */
#define ALONE(test)                                               \
	{                                                         \
#test, alone, NULL, NULL, (void *)(uintptr_t)test \
	}

#endif
