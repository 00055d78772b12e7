/* SPDX-License-Identifier: MIT */
/* fault.c - what may be wrong with a configuration, in sentences. */
#include "bareqga.h"

const char *qga_strerror(int fault)
{
	static const char *const texts[] = {
		[0] = "nothing is wrong",
		[-QGA_FAULT_NULL] = "env, version, request, tokens or commands is NULL, or the "
				    "channel was not prepared",
		[-QGA_FAULT_REQUEST] =
			"request_size is not from QGA_REQUEST_MIN to QGA_REQUEST_MAX",
		[-QGA_FAULT_TOKENS] = "tokens_size is for fewer than QGA_TOKENS_MIN tokens, or for "
				      "more than there can be",
		[-QGA_FAULT_COMMANDS] =
			"there are more commands than QGA_COMMANDS_MAX, or own commands or "
			"lists without QGA_WITH_OWN",
		[-QGA_FAULT_BUILD] = "application and library were compiled with different "
				     "versions or configurations of bareqga.h",
		[-QGA_FAULT_ALIGNMENT] = "tokens must be aligned as an int, jobs as a pointer",
		[-QGA_FAULT_VERSION] = "version is too long, or not printable ASCII without \" "
				       "and \\",
		[-QGA_FAULT_NAME] = "a command's name is missing, too long, or not printable ASCII "
				    "without \" and \\",
		[-QGA_FAULT_DUPLICATE] = "two commands of the application, or two arguments of one "
					 "of them, have the same name",
		[-QGA_FAULT_RUN] = "a command has no function",
		[-QGA_FAULT_ARGS] = "a command has more arguments than QGA_ARGS_MAX",
		[-QGA_FAULT_ARG] = "an argument has no type that there is, or lacks its names, its "
				   "item or its members",
		[-QGA_FAULT_NESTING] =
			"a command's arguments are nested deeper than can be checked",
		[-QGA_FAULT_ENV] = "a group of the environment lacks a callback that another one "
				   "needs",
		[-QGA_FAULT_CLOCK] = "power.off, a watchdog and torso_ns need clock.monotonic, and "
				     "torso_ns QGA_WITH_LINE",
		[-QGA_FAULT_STREAM] = "a stream needs read, write, and memory both ways",
		[-QGA_FAULT_JOBS] = "programs need jobs_size bytes of memory for jobs",
	};
	size_t i = fault <= 0 ? 0 - (size_t)fault : SIZE_MAX;

	return i < sizeof(texts) / sizeof(texts[0]) ? texts[i] : "no fault has this number";
}

const char *qga_library_version(void)
{
	return BAREQGA_VERSION;
}
