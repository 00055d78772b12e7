/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy.h"

/* Is name in a list like "guest-exec,guest-exec-status"? */
static bool listed(const char *list, const char *name)
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
	if (config->allow_rpcs && config->allow_rpcs[0] && !listed(config->allow_rpcs, name))
		return true;
	return config->block_rpcs && listed(config->block_rpcs, name);
}
