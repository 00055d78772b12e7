/* SPDX-License-Identifier: MIT */
/*
 * request.c - finds the name of the command, and the end, of a request. It judges nothing: what is no
 * JSON is the agent's to answer.
 */
#include <string.h>

#include "fault.h"

static const char key[] = "execute";

static void begin(struct fault_request *request)
{
	*request = (struct fault_request){.depth = 1};
}

/* A string has ended. */
static enum fault_seen string_end(struct fault_request *request)
{
	bool is_name = request->value && request->len < FAULT_COMMAND_MAX;

	request->quote = 0;
	if (request->depth != 1 || !is_name)
		return FAULT_NOTHING;
	memcpy(request->command, request->string, request->len);
	request->command[request->len] = '\0';
	return FAULT_NAME;
}

static enum fault_seen in_string(struct fault_request *request, uint8_t byte)
{
	if (!request->escaped && byte == request->quote)
		return string_end(request);
	request->escaped = !request->escaped && byte == '\\';
	if (request->len < FAULT_COMMAND_MAX)
		request->string[request->len++] = (char)byte;
	return FAULT_NOTHING;
}

enum fault_seen fault_request_byte(struct fault_request *request, uint8_t byte)
{
	if (byte == 0xFF)
		*request = (struct fault_request){.depth = 0};
	else if (request->quote)
		return in_string(request, byte);
	switch (byte) {
	case '{':
	case '[':
		if (request->depth == 0)
			begin(request);
		else
			request->depth++;
		break;
	case '}':
	case ']':
		request->depth -= request->depth > 0;
		return request->depth == 0 ? FAULT_END : FAULT_NOTHING;
	case '"':
	case '\'': /* QEMU takes these, too */
		request->quote = byte;
		request->escaped = false;
		request->len = 0;
		break;
	case ':':
		if (request->depth == 1)
			request->value = request->len == sizeof key - 1 &&
			                 memcmp(request->string, key, sizeof key - 1) == 0;
		break;
	case ',':
		if (request->depth == 1)
			request->value = false;
		break;
	default:
		break;
	}
	return FAULT_NOTHING;
}
