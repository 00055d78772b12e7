/* SPDX-License-Identifier: MIT */
#include "members.h"

static void put_member(struct qga_out *out, const struct member *member, const void *at)
{
	switch (member->type) {
	case MEMBER_INT:
		qga_out_int(out, *(const int64_t *)at);
		break;
	case MEMBER_UINT:
		qga_out_uint(out, *(const uint64_t *)at);
		break;
	case MEMBER_UINT32:
		qga_out_uint(out, *(const uint32_t *)at);
		break;
	case MEMBER_UINT8:
		qga_out_uint(out, *(const uint8_t *)at);
		break;
	case MEMBER_BOOL:
		qga_out_bool(out, *(const bool *)at);
		break;
	case MEMBER_STR:
		qga_out_str(out, *(const char *const *)at);
		break;
	case MEMBER_HUNDREDTHS:
		qga_out_fixed(out, *(const int64_t *)at, 2);
		break;
	default:
		qga_out_int(out, member->at);
		break;
	}
}

void qga_out_members_of(struct qga_out *out, const struct member *members, size_t n,
                        const void *from)
{
	for (; n > 0; members++, n--) {
		const void *at = (const char *)from + members->at;

		if (members->type == MEMBER_STR && !*(const char *const *)at)
			continue;
		qga_out_key(out, members->name);
		put_member(out, members, at);
	}
}

void qga_out_struct_of(struct qga_out *out, const struct member *members, size_t n,
                       const void *from)
{
	qga_out_object(out);
	qga_out_members_of(out, members, n, from);
	qga_out_object_end(out);
}
