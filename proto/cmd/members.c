/* SPDX-License-Identifier: MIT */
#include "members.h"

static void put(struct json_out *out, const struct member *member, const void *at)
{
	switch (member->type) {
	case MEMBER_INT:
		out_int(out, *(const int64_t *)at);
		break;
	case MEMBER_UINT:
		out_uint(out, *(const uint64_t *)at);
		break;
	case MEMBER_UINT32:
		out_uint(out, *(const uint32_t *)at);
		break;
	case MEMBER_UINT8:
		out_uint(out, *(const uint8_t *)at);
		break;
	case MEMBER_BOOL:
		out_bool(out, *(const bool *)at);
		break;
	case MEMBER_STR:
		out_str(out, *(const char *const *)at);
		break;
	case MEMBER_HUNDREDTHS:
		out_fixed(out, *(const int64_t *)at, 2);
		break;
	default:
		out_int(out, member->at);
		break;
	}
}

void out_members_of(struct json_out *out, const struct member *members, size_t n, const void *from)
{
	for (; n > 0; members++, n--) {
		const void *at = (const char *)from + members->at;

		if (members->type == MEMBER_STR && !*(const char *const *)at)
			continue;
		out_key(out, members->name);
		put(out, members, at);
	}
}

void out_struct_of(struct json_out *out, const struct member *members, size_t n, const void *from)
{
	out_object(out);
	out_members_of(out, members, n, from);
	out_object_end(out);
}
