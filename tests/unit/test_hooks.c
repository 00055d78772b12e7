/* SPDX-License-Identifier: MIT */
/*
 * Hooks of the environment that change their mind while an answer is written: whatever they say in
 * the next step, the answer stays one line of JSON, and what comes after it is answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

#define PING "{\"execute\":\"guest-ping\"}"
#define DONE "{\"return\": {}}\n"

/* Values of QGA_STEP_MAX bytes and more when they are escaped, so that a step cannot write them. */
#define LONG_VALUE_60                                                                      \
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" \
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" \
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
#define LONG_VALUE LONG_VALUE_60 LONG_VALUE_60

#define EACH(list, i) (i = 0; i < sizeof(list) / sizeof((list)[0]); i++)

/* What the hooks say, call by call; in the end they keep to it. */
static const char *const texts[] = {LONG_VALUE, NULL, "", "short", "\xE2\x82\xAC\xE2\x82\xAC"};
static unsigned calls, seed;

static unsigned next(void)
{
	if (calls < 3)
		calls++;
	return calls * (seed % 7 + 1) + seed;
}

static const char *next_text(void)
{
	return texts[next() % (sizeof(texts) / sizeof(texts[0]))];
}

static const char *host_name(void *context)
{
	(void)context;
	return next_text();
}

static const char *os_release(void *context)
{
	static const char *const files[] = {"NAME=\"" LONG_VALUE "\"\nVERSION=2\nID=\"" LONG_VALUE
	                                    "\"\n",
	                                    NULL, "", "NAME=x\nID=y\n"};

	(void)context;
	return files[next() % 4];
}

static int interface(void *context, size_t index, struct qga_interface *item)
{
	static const struct qga_address addresses[] = {
		{.address = "10.0.0.1"}, {.address = "10.0.0.2"}, {.address = "10.0.0.3"}};
	unsigned call = next();

	(void)context;
	if (index > 2 || call % 5 == 4)
		return 0;
	item->name = "eth";
	item->n_addresses = call % 4;
	item->addresses = call % 4 ? addresses : NULL;
	return 1;
}

/* Is it JSON? Who reads requests knows. */
static void assert_json(const char *line)
{
	struct talk judge = {0};
	char *request = malloc(strlen(line) + 64);

	sprintf(request, "{\"execute\":\"guest-ping\",\"id\":%s}", line);
	talk_begin(&judge, 1 << 16, 512);
	if (strncmp(talk_ask(&judge, request), "{\"return\": {}, \"id\": ", 20))
		fail_msg("this is no JSON: %s", line);
	talk_end(&judge);
	free(request);
}

static void change_their_mind(void **state)
{
	static const char *const asked[] = {"guest-get-osinfo", "guest-get-host-name",
	                                    "guest-network-get-interfaces"};
	static const size_t pulls[] = {1, 100, 600, 4096};
	static const struct qga_inventory inventory = {.host_name = host_name,
	                                               .os_release = os_release,
	                                               .interface = interface,
	                                               .machine = "m",
	                                               .kernel_release = "r",
	                                               .kernel_version = "v"};
	char request[64];
	size_t i, k;

	(void)state;
	for
		EACH(pulls, i)
		{
			struct talk talk = {.pull = pulls[i], .env = {.inventory = &inventory}};

			talk_begin(&talk, 256, 16);
			for (seed = 0; seed < 105; seed++) {
			for
				EACH(asked, k)
				{
					calls = 0;
					sprintf(request, "{\"execute\":\"%s\"}", asked[k]);
					assert_json(talk_ask(&talk, request));
				}
			}
			assert_string_equal(talk_ask(&talk, PING), DONE);
			talk_end(&talk);
		}
}

static char name[800];

static const char *long_name(void *context)
{
	(void)context;
	return name;
}

/*
 * A name of any length, through room of any size: it is told once, wherever a step ends. The last
 * character takes twelve bytes, so that its quote may be the last byte of the room.
 */
static void name_of_any_length(void **state)
{
	static const struct qga_inventory inventory = {.host_name = long_name};
	static const size_t pulls[] = {1, 600, 700, 4096};
	char expected[sizeof(name) + 64];

	(void)state;
	for (size_t i = 0; i < sizeof(pulls) / sizeof(pulls[0]); i++) {
		struct talk talk = {.pull = pulls[i], .env = {.inventory = &inventory}};

		talk_begin(&talk, 256, 16);
		for (size_t n = 0; n < sizeof(name) - 8; n++) {
			memset(name, 'x', n);
			strcpy(name + n, "\xF0\x9F\x98\x80");
			sprintf(expected, "{\"return\": {\"host-name\": \"%.*s\\uD83D\\uDE00\"}}\n",
			        (int)n, name);
			assert_string_equal(
				talk_ask(&talk, "{\"execute\":\"guest-get-host-name\"}"), expected);
		}
		talk_end(&talk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(change_their_mind),
	                                   cmocka_unit_test(name_of_any_length)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
