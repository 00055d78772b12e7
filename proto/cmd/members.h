/* SPDX-License-Identifier: MIT */
/*
 * members.h - members of a JSON object out of members of a struct: a table says which, in the order
 * in which qemu-ga writes them (that of its hash table).
 *
 *     static const struct member members[] = {
 *             MEMBER("online", struct env_vcpu, online),
 *             MEMBER("logical-id", struct env_vcpu, logical_id),
 *     };
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include "json/json_out.h"

enum member_type {
	MEMBER_INT,        /* int64_t */
	MEMBER_UINT,       /* uint64_t */
	MEMBER_UINT32,     /* uint32_t */
	MEMBER_UINT8,      /* uint8_t */
	MEMBER_BOOL,       /* bool */
	MEMBER_STR,        /* const char *; the member is left out if it is NULL */
	MEMBER_HUNDREDTHS, /* int64_t, written with two decimals */
	MEMBER_CONSTANT,   /* not of the struct: `at` is the number itself */
};

struct member {
	const char *name;
	uint8_t type; /* enum member_type */
	int8_t at;    /* where in the struct */
};

/* The struct's member itself says its type. */
#define MEMBER_TYPE(value) \
	_Generic((value),           \
	         int64_t: MEMBER_INT,        \
	         uint64_t: MEMBER_UINT,      \
	         uint32_t: MEMBER_UINT32,    \
	         uint8_t: MEMBER_UINT8,      \
	         bool: MEMBER_BOOL,          \
	         const char *: MEMBER_STR)

#define MEMBER(name, type, member)                                             \
	{                                                                      \
		name, MEMBER_TYPE(((type *)0)->member), offsetof(type, member) \
	}

/* Writes the members of a table from *from: with the braces around them, and without. */
#define out_struct(out, table, from)  out_struct_of(out, table, MEMBERS(table), from)
#define out_members(out, table, from) out_members_of(out, table, MEMBERS(table), from)
#define MEMBERS(table)                (sizeof(table) / sizeof((table)[0]))

void out_struct_of(struct json_out *out, const struct member *members, size_t n, const void *from);
void out_members_of(struct json_out *out, const struct member *members, size_t n, const void *from);

#endif
