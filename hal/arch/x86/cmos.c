// SPDX-License-Identifier: MIT
/*
 * cmos.c - MC146818A (Motorola, "Real-Time Clock plus RAM") behind ports 70H and 71H, with the
 * century where PCs have it by custom (ACPI 6.4, 5.2.9, FADT "CENTURY").
 *
 * Hours are 0 to 23 whatever register B says, as Linux takes them: Cloud Hypervisor's is plain memory
 * that reads 0, "12 hours", above a clock of 24. Hours above noon of a clock of 12 bear a mark.
 * Left out: alarms, local time, midnight of a clock of 12, a loader that chose another century byte.
 */
#include "cmos.h"
#include "port.h"

enum port {
	CMOS_INDEX = 0x70,
	CMOS_DATA = 0x71
};

enum cmos {
	CMOS_SECONDS = 0x00,
	CMOS_MINUTES = 0x02,
	CMOS_HOURS = 0x04,
	CMOS_DAY = 0x07,
	CMOS_MONTH = 0x08,
	CMOS_YEAR = 0x09,
	CMOS_A = 0x0a,
	CMOS_B = 0x0b,
	CMOS_D = 0x0d,
	CMOS_CENTURY = 0x32,
};

#define CMOS_A_UIP 0x80 /* update in progress */
#define CMOS_B_SET 0x80 /* updates stopped */
#define CMOS_B_DM  0x04 /* binary, not BCD */
#define CMOS_B_24H 0x02
#define HOURS_PM   0x80
#define UIP_TRIES  10000

#define NS_PER_S INT64_C(1000000000)
#define DAY_S    86400

/* In the order of `fields`. */
struct date {
	unsigned second, minute, hour, day, month, year, century;
};

static const uint8_t fields[] = {CMOS_SECONDS, CMOS_MINUTES, CMOS_HOURS,  CMOS_DAY,
                                 CMOS_MONTH,   CMOS_YEAR,    CMOS_CENTURY};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static uint8_t cmos_read(uint8_t index)
{
	port_write8(CMOS_INDEX, index);
	return port_read8(CMOS_DATA);
}

static void cmos_write(uint8_t index, uint8_t value)
{
	port_write8(CMOS_INDEX, index);
	port_write8(CMOS_DATA, value);
}

static unsigned from_bcd(unsigned value)
{
	return (value >> 4) * 10 + (value & 15);
}

static unsigned to_bcd(unsigned value)
{
	return value / 10 << 4 | value % 10;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar, years counted from March. */
static int64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1;
	unsigned m = month > 2 ? month - 3 : month + 9;

	return (int64_t)(y * UINT64_C(365) + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day) -
	       719469;
}

/* The inverse, by trying years and months: a few dozen steps. */
static void date_from_days(int64_t days, struct date *date)
{
	unsigned year = 1970 + (unsigned)(days / 366), month = 1;

	while (days_from_date(year + 1, 1, 1) <= days)
		year++;
	while (month < 12 && days_from_date(year, month + 1, 1) <= days)
		month++;
	date->century = year / 100;
	date->year = year % 100;
	date->month = month;
	date->day = (unsigned)(days - days_from_date(year, month, 1)) + 1;
}

/*
 * One reading, as the registers have it; false if an update has torn it. An update takes two ms. QEMU says
 * that one is under way until its timers have run, which those of a machine that was just restored have not;
 * what is read then is right.
 */
static bool read_fields(unsigned *raw)
{
	unsigned i;

	for (i = 0; i < UIP_TRIES && (cmos_read(CMOS_A) & CMOS_A_UIP); i++)
		;
	for (i = 0; i < N_FIELDS; i++)
		raw[i] = cmos_read(fields[i]);
	return raw[0] == cmos_read(CMOS_SECONDS);
}

int cmos_get(int64_t *ns)
{
	union {
		struct date date;
		unsigned raw[N_FIELDS];
	} now;
	uint8_t b = cmos_read(CMOS_B);
	bool pm;
	unsigned i;

	if (!read_fields(now.raw) && !read_fields(now.raw))
		return -1;
	pm = now.date.hour & HOURS_PM;
	now.date.hour &= ~HOURS_PM;
	for (i = 0; !(b & CMOS_B_DM) && i < N_FIELDS; i++)
		now.raw[i] = from_bcd(now.raw[i]);
	if (pm)
		now.date.hour = now.date.hour % 12 + 12;
	if (now.date.month - 1 > 11 || now.date.day - 1 > 30 || now.date.hour > 23 ||
	    now.date.minute > 59 || now.date.second > 60 || now.date.century < 19)
		return -1;
	*ns = ((days_from_date(now.date.century * 100 + now.date.year, now.date.month,
	                       now.date.day) *
	                DAY_S +
	        now.date.hour * 3600 + now.date.minute * 60 + now.date.second)) *
	      NS_PER_S;
	return 0;
}

int cmos_set(int64_t ns)
{
	union {
		struct date date;
		unsigned raw[N_FIELDS];
	} to;
	int64_t seconds = ns / NS_PER_S;
	unsigned of_day = (unsigned)(seconds % DAY_S);
	uint8_t b = cmos_read(CMOS_B);
	unsigned i;

	if (ns < 0)
		return -1;
	date_from_days(seconds / DAY_S, &to.date);
	to.date.hour = of_day / 3600;
	to.date.minute = of_day / 60 % 60;
	to.date.second = of_day % 60;
	b |= CMOS_B_24H;
	cmos_write(CMOS_B, b | CMOS_B_SET);
	for (i = 0; i < N_FIELDS; i++)
		cmos_write(fields[i], (uint8_t)(b & CMOS_B_DM ? to.raw[i] : to_bcd(to.raw[i])));
	cmos_write(CMOS_B, b & ~CMOS_B_SET);
	return 0;
}

/* The low bits of register D read as zeroes; a bus without the chip reads as ones. */
bool cmos_is_there(void)
{
	return (cmos_read(CMOS_D) & 0x7f) == 0;
}
