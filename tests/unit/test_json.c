/* SPDX-License-Identifier: MIT */
/*
 * The read view (json.h) of what the lexer and the grammar have not left: marks where none belong,
 * lengths that lead outside, a document that changed since it was judged. It is refused, or read
 * inside of its bounds (ASan looks on).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "commands.h"
#include "core/agent.h"
#include "json/parked.h"
#include "json/span.h"
#include "json/utf8.h"
#include "talk.h"

#define PING   "{\"execute\":\"guest-ping\"}"
#define DONE   "{\"return\": {}}\n"
#define TOKENS 16

#define DOCUMENT(text, good)                 \
	{                                    \
		text, sizeof(text) - 1, good \
	}

static const struct {
	const char *text;
	size_t len;
	bool good;
} documents[] = {
	DOCUMENT("{}", true),
	DOCUMENT("{\"a\":[1,{\"b\":null}\x02\x02", true),
	DOCUMENT("[\"\"\x01\x03\0\0\0\0xyz,1]", true),
	/* No document, or half of one. */
	DOCUMENT("", false),
	DOCUMENT("{", false),
	DOCUMENT("[1,", false),
	DOCUMENT("[1\0]", false),
	DOCUMENT("[]\0", false),
	DOCUMENT("[1}", false),
	DOCUMENT("]", false),
	DOCUMENT("[x]", false),
	/* The grammar refuses a container as a key when it ends; what it stands in is then a list. */
	DOCUMENT("{{}}", false),
	DOCUMENT("{[1]]", true),
	/* What closes nothing; and closes, but not as the last thing. */
	DOCUMENT("\x02", false),
	DOCUMENT("[]\x02", false),
	DOCUMENT("[\x02\x02", false),
	DOCUMENT("[[]\x02x", false),
	/* A mark of a parked string without its head, or with a body that ends outside. */
	DOCUMENT("[\"\"\x01", false),
	DOCUMENT("[\"\"\x01\0\0\0\0", false),
	DOCUMENT("[\"\"\x01\x04\0\0\0\0xyz,", false),
	DOCUMENT("[\"\"\x01\xFF\xFF\xFF\xFF\0xyz]", false),
	DOCUMENT("[\"\"\x01\0\0\0\0\xFFxyz]", false),
	/* 1 byte less than there is would be the document's end. */
	DOCUMENT("[\"\"\x01\x03\0\0\0\x01xyz", false),
};

/* A copy of exactly its size, and its tokens. */
static void open_document(struct json *json, const char *text, size_t len)
{
	*json = (struct json){.text = malloc(len ? len : 1),
	                      .tokens = calloc(TOKENS, QGA_TOKEN_SIZE),
	                      .max = TOKENS};
	memcpy(json->text, text, len);
}

static void close_document(struct json *json)
{
	free(json->text);
	free(json->tokens);
}

static void no_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct json json;

		open_document(&json, documents[i].text, documents[i].len);
		if (qga_json_tokenize(&json, documents[i].len) != documents[i].good)
			fail_msg("%zu: %s", i, documents[i].text);
		assert_true(json.n >= 0 && json.n <= TOKENS);
		close_document(&json);
	}
}

/* A parked string whose length is written after it was judged. */
static void parked_length_changes(void **state)
{
	static const char text[] = "[\"\"\x01\x03\0\0\0\x01.xyz]";
	struct json json;
	struct qga_span body;

	(void)state;
	open_document(&json, text, sizeof(text) - 1);
	assert_true(qga_json_tokenize(&json, sizeof(text) - 1));
	body = qga_json_text(&json, 1);
	assert_int_equal(body.len, 3);
	assert_memory_equal(body.ptr, "xyz", 3);
	for (uint32_t len = 0; len < 16; len++) {
		parked_resize(json.text + 1, len);
		body = qga_json_text(&json, 1);
		assert_int_equal(body.len, len <= 4 ? len : 0);
		assert_true(body.ptr >= json.text &&
		            body.ptr + body.len <= json.text + sizeof(text) - 1);
	}
	parked_resize(json.text + 1, UINT32_MAX);
	assert_int_equal(qga_json_text(&json, 1).len, 0);
	close_document(&json);
}

/*
 * A byte of the request buffer is lost after it was judged: that is told, and the next request is
 * answered. In the body of a parked string nobody looks at it again.
 */
static void document_changes(void **state)
{
	char asked[400];
	unsigned refused = 0, unseen = 0;

	(void)state;
	sprintf(asked, "{\"execute\":\"guest-ping\",\"id\":[[\"%*s\"],{\"a\":\"\\u0041\"}]}", 300,
	        "");
	memset(strchr(asked, ' '), 'y', 300);
	for (size_t at = 1; at < strlen(asked) - 1; at++) {
		struct talk talk = {0};
		char *buffer;
		const char *heard;

		talk_begin(&talk, 420, 32);
		talk_say(&talk, asked, strlen(asked) - 1);
		buffer = talk.config.request;
		if (buffer[at] == '\0' || buffer[at] == 'y') {
			unseen++; /* the head and the body of the parked string */
		} else {
			buffer[at] = '\0';
			talk_say(&talk, "}", 1);
			heard = talk_heard(&talk);
			assert_string_equal(heard,
			                    "{\"error\": {\"class\": \"GenericError\", \"desc\": "
			                    "\"JSON parse error, the document has no tokens\"}}\n");
			refused++;
			assert_string_equal(talk_ask(&talk, PING), DONE);
		}
		talk_end(&talk);
	}
	assert_true(refused > 40 && unseen >= 300);
}

/* A name may still lie where the host writes, so a NUL may be in it: it is not read on behind it. */
static void names_with_a_nul(void **state)
{
	struct qga_command own = {.name = strdup("own")};
	struct talk talk = {.config = {.commands = &own, .n_commands = 1}};
	char *known = strdup("known");
	struct qga_span text = {(char *)"own\0x", 3};
	unsigned number;

	(void)state;
	own.run = qga_commands[qga_commands_count - 1].run;
	talk_begin(&talk, 256, 16);
	assert_ptr_equal(qga_lookup_find(qga_agent(&talk.agent), &text, &number), &own);
	assert_int_equal(number, qga_commands_count);
	for (text.len = 4; text.len < 6; text.len++)
		assert_null(qga_lookup_find(qga_agent(&talk.agent), &text, &number));
	talk_end(&talk);
	free((char *)own.name);

	assert_true(qga_span_is(&(struct qga_span){(char *)"known", 5}, known));
	assert_false(qga_span_is(&(struct qga_span){(char *)"know", 4}, known));
	assert_false(qga_span_is(&(struct qga_span){(char *)"known\0x", 6}, known));
	assert_false(qga_span_is(&(struct qga_span){(char *)"known\0x", 7}, known));
	assert_false(qga_span_is(&(struct qga_span){(char *)"", 0}, known));
	free(known);
}

/* What is no character, and where it ends. */
static void no_characters(void **state)
{
	static const struct {
		const char *text;
		size_t used;
	} rows[] = {{"\x80", 1},
	            {"\xFF", 1},
	            {"\xFE\x80\x80\x80\x80\x80\x80", 1},
	            {"\xC3(", 1},
	            {"\xE2\x82(", 2},
	            {"\xC1\xBF", 2},
	            {"\xED\xA0\x80", 3},
	            {"\xF8\x88\x80\x80\x80", 5},
	            {"\xFC\x84\x80\x80\x80\x80", 6}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t used = 0;

		assert_int_equal(qga_utf8_get(rows[i].text, strlen(rows[i].text), &used), -1);
		assert_int_equal(used, rows[i].used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_documents),     cmocka_unit_test(parked_length_changes),
		cmocka_unit_test(document_changes), cmocka_unit_test(names_with_a_nul),
		cmocka_unit_test(no_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
