/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy.h"

/* Is name in a list like "guest-exec,guest-exec-status"? */
static bool policy_lists(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && !memcmp(list, name, len))
			return true;
	}
	return false;
}

bool qga_policy_blocks(const struct qga_config *config, const char *name)
{
	if (config->allow_rpcs && config->allow_rpcs[0] && !policy_lists(config->allow_rpcs, name))
		return true;
	return config->block_rpcs && policy_lists(config->block_rpcs, name);
}
