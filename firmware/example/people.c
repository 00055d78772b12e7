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
static const struct span none = {.ptr = nothing};
static const struct arg key_item = {.name = "", .type = ARG_STR};

const struct arg args_get_keys[] = {
	{.name = "username", .type = ARG_STR},
	{.name = NULL},
};
const struct arg args_add_keys[] = {
	{.name = "username", .type = ARG_STR},
	{.name = "keys", .type = ARG_LIST, .item = &key_item},
	{.name = "reset", .type = ARG_BOOL, .optional = true},
	{.name = NULL},
};
const struct arg args_remove_keys[] = {
	{.name = "username", .type = ARG_STR},
	{.name = "keys", .type = ARG_LIST, .item = &key_item},
	{.name = NULL},
};
const struct arg args_set_password[] = {
	{.name = "username", .type = ARG_STR},
	{.name = "password", .type = ARG_STR},
	{.name = "crypted", .type = ARG_BOOL},
	{.name = NULL},
};

static struct key {
	size_t len; /* 0: free */
	char text[KEY_SIZE];
} keys[KEYS];

static bool known(const struct span *name)
{
	return name->len == sizeof(user) - 1 && !memcmp(name->ptr, user, name->len);
}

static enum cmd_status nobody(struct call *call)
{
	return call_error(call, "failed to lookup user '%S'", &call->arg[0].s);
}

/* The place of a key, or of none; NULL: there is no such place. */
static struct key *find(const struct span *text)
{
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].len == text->len && !memcmp(keys[i].text, text->ptr, text->len))
			return &keys[i];
	return NULL;
}

/* One key a step, or a part of it. */
enum cmd_status cmd_get_keys(struct agent *agent, struct call *call)
{
	const struct key *key = &keys[call->u[0]];

	(void)agent;
	if (!known(&call->arg[0].s))
		return nobody(call);
	if (call->step++ == 0) {
		out_object(call->out);
		out_key(call->out, "keys");
		out_list(call->out);
	}
	if (call->u[0] == KEYS) {
		out_list_end(call->out);
		out_object_end(call->out);
		return CMD_DONE;
	}
	if (key->len == 0 || out_str_part(call->out, key->text, key->len, &call->cursor)) {
		call->u[0]++;
		call->cursor = 0;
	}
	return CMD_MORE;
}

/* All of them fit, or none is taken. Empty ones are none, as the last line of a file. */
enum cmd_status cmd_add_keys(struct agent *agent, struct call *call)
{
	bool reset = call->arg[2].present && call->arg[2].b;
	size_t room = 0, i;
	struct value key;
	int token = 0;

	if (!known(&call->arg[0].s))
		return nobody(call);
	for (i = 0; i < KEYS; i++)
		room += reset || keys[i].len == 0;
	while (call_list(agent, &call->arg[1], &key_item, &token, &key)) {
		if (key.s.len == 0 || (!reset && find(&key.s)))
			continue;
		if (key.s.len > KEY_SIZE || room-- == 0)
			return call_error(call, "there is no room for so many keys");
	}
	for (i = 0; i < KEYS && reset; i++)
		keys[i].len = 0;
	for (token = 0; call_list(agent, &call->arg[1], &key_item, &token, &key);) {
		struct key *place = find(&none);

		if (key.s.len == 0 || find(&key.s))
			continue;
		memcpy(place->text, key.s.ptr, key.s.len);
		place->len = key.s.len;
	}
	return CMD_DONE;
}

enum cmd_status cmd_remove_keys(struct agent *agent, struct call *call)
{
	struct value key;
	int token = 0;

	if (!known(&call->arg[0].s))
		return nobody(call);
	while (call_list(agent, &call->arg[1], &key_item, &token, &key)) {
		struct key *place = find(&key.s);

		if (place)
			place->len = 0;
	}
	return CMD_DONE;
}

enum cmd_status cmd_set_password(struct agent *agent, struct call *call)
{
	(void)agent;
	if (!known(&call->arg[0].s))
		return nobody(call);
	return call_error(call, "user '%S' has no password", &call->arg[0].s);
}
