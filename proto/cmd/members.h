/* SPDX-License-Identifier: MIT */
/*
 * members.h - members of a JSON object out of members of a struct: a table says which, in the order
 * in which qemu-ga writes them (that of its hash table).
 *
 *     static const struct member members[] = {
 *             MEMBER("online", struct qga_vcpu, online),
 *             MEMBER("logical-id", struct qga_vcpu, logical_id),
 *     };
 */
#ifndef BAREQGA_CMD_MEMBERS_H
#define BAREQGA_CMD_MEMBERS_H

#include "bareqga.h"

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
	int16_t at;   /* where in the struct */
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
#define qga_out_struct(out, table, from)  qga_out_struct_of(out, table, MEMBERS_OF(table), from)
#define qga_out_members(out, table, from) qga_out_members_of(out, table, MEMBERS_OF(table), from)
#define MEMBERS_OF(table)                 (sizeof(table) / sizeof((table)[0]))

void qga_out_struct_of(struct qga_out *out, const struct member *members, size_t n,
                       const void *from);
void qga_out_members_of(struct qga_out *out, const struct member *members, size_t n,
                        const void *from);

#endif
