/* SPDX-License-Identifier: MIT */
/*
 * people.c - the example's one user, "operator", who comes in with an SSH key: the host says which
 * ones are good. Nobody comes in with a password.
 */
#include <string.h>

#include "example.h"

#define KEYS     8
#define KEY_SIZE 800 /* bytes of the longest, as RSA's of 4096 bits are */

static const char user[] = "operator";
static char nothing[1];
static const struct qga_span none = {.ptr = nothing};
static const struct qga_arg key_item = {.name = "", .type = QGA_ARG_STR};

const struct qga_arg args_get_keys[] = {
	{.name = "username", .type = QGA_ARG_STR},
	{.name = NULL},
};
const struct qga_arg args_add_keys[] = {
	{.name = "username", .type = QGA_ARG_STR},
	{.name = "keys", .type = QGA_ARG_LIST, .item = &key_item},
	{.name = "reset", .type = QGA_ARG_BOOL, .optional = true},
	{.name = NULL},
};
const struct qga_arg args_remove_keys[] = {
	{.name = "username", .type = QGA_ARG_STR},
	{.name = "keys", .type = QGA_ARG_LIST, .item = &key_item},
	{.name = NULL},
};
const struct qga_arg args_set_password[] = {
	{.name = "username", .type = QGA_ARG_STR},
	{.name = "password", .type = QGA_ARG_STR},
	{.name = "crypted", .type = QGA_ARG_BOOL},
	{.name = NULL},
};

static struct key {
	size_t len; /* 0: free */
	char text[KEY_SIZE];
} keys[KEYS];

static bool known(const struct qga_span *name)
{
	return name->len == sizeof(user) - 1 && !memcmp(name->ptr, user, name->len);
}

static enum qga_status nobody(struct qga_call *call)
{
	return qga_error(call, "failed to lookup user '%S'", &call->arg[0].s);
}

/* The place of a key, or of none; NULL: there is no such place. */
static struct key *find(const struct qga_span *text)
{
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].len == text->len && !memcmp(keys[i].text, text->ptr, text->len))
			return &keys[i];
	return NULL;
}

/* One key a step, or a part of it. */
enum qga_status cmd_get_keys(struct qga_call *call)
{
	size_t *at = QGA_SCRATCH(size_t, call);
	const struct key *key = &keys[*at];

	if (!known(&call->arg[0].s))
		return nobody(call);
	if (call->step++ == 0) {
		qga_out_object(call->out);
		qga_out_key(call->out, "keys");
		qga_out_list(call->out);
	}
	if (*at == KEYS) {
		qga_out_list_end(call->out);
		qga_out_object_end(call->out);
		return QGA_DONE;
	}
	if (key->len == 0 || qga_out_str_part(call->out, key->text, key->len, &call->cursor)) {
		(*at)++;
		call->cursor = 0;
	}
	return QGA_MORE;
}

/* All of them fit, or none is taken. Empty ones are none, as the last line of a file. */
enum qga_status cmd_add_keys(struct qga_call *call)
{
	bool reset = call->arg[2].present && call->arg[2].b;
	size_t room = 0, i;
	struct qga_value key;
	int token = 0;

	if (!known(&call->arg[0].s))
		return nobody(call);
	for (i = 0; i < KEYS; i++)
		room += reset || keys[i].len == 0;
	while (qga_list_next(call, &call->arg[1], &key_item, &token, &key)) {
		if (key.s.len == 0 || (!reset && find(&key.s)))
			continue;
		if (key.s.len > KEY_SIZE || room-- == 0)
			return qga_error(call, "there is no room for so many keys");
	}
	for (i = 0; i < KEYS && reset; i++)
		keys[i].len = 0;
	for (token = 0; qga_list_next(call, &call->arg[1], &key_item, &token, &key);) {
		struct key *place = find(&none);

		if (key.s.len == 0 || find(&key.s))
			continue;
		memcpy(place->text, key.s.ptr, key.s.len);
		place->len = key.s.len;
	}
	return QGA_DONE;
}

enum qga_status cmd_remove_keys(struct qga_call *call)
{
	struct qga_value key;
	int token = 0;

	if (!known(&call->arg[0].s))
		return nobody(call);
	while (qga_list_next(call, &call->arg[1], &key_item, &token, &key)) {
		struct key *place = find(&key.s);

		if (place)
			place->len = 0;
	}
	return QGA_DONE;
}

enum qga_status cmd_set_password(struct qga_call *call)
{
	if (!known(&call->arg[0].s))
		return nobody(call);
	return qga_error(call, "user '%S' has no password", &call->arg[0].s);
}
