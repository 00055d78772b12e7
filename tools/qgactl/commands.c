/* SPDX-License-Identifier: MIT */
/* commands.c - THE table of sub-commands and their options. Help and completion come from here. */
#include "command.h"

const struct option_row common_options[] = {
	{'T', "target", "TARGET", "where the agent is; else $QGACTL_TARGET"},
	{OPT_TIMEOUT, "timeout", "SECS", "how long an answer may take; 5"},
	{OPT_JSON, "json", NULL, "print JSON, for programs"},
	{OPT_COLOR, "color", "WHEN", "auto, always or never; auto also heeds $NO_COLOR"},
	{'q', "quiet", NULL, "no progress, no hints"},
	{'v', "verbose", NULL, "show on stderr what is said to the agent and by it"},
	{'h', "help", NULL, "this text"},
	{0},
};

static const struct option_row none[] = {{0}};

static const struct option_row of_ping[] = {
	{'c', "count", "N", "so many, and their times"},
	{0},
};
static const struct option_row of_info[] = {
	{'c', "commands", NULL, "the commands the agent has, one a line"},
	{0},
};
static const struct option_row of_exec[] = {
	{'i', "stdin", NULL, "the command gets what is read here; all of it is read first"},
	{'e', "env", "K=V", "a variable of its environment; again for more"},
	{'t', "time", "SECS", "give up after so long; the command goes on in the guest"},
	{'s', "stream", NULL,
         "show output while it comes: the guest needs /bin/sh and files in /tmp"},
	{0},
};
static const struct option_row of_get[] = {
	{'r', "resume", NULL, "go on with a file that was transferred in part"},
	{'c', "check", NULL, "read it once more and compare every byte"},
	{OPT_OWN, "piece", "BYTES", "so much in each request"},
	{0},
};
static const struct option_row of_log[] = {
	{'f', "follow", NULL, "go on with what is added, until Ctrl-C"},
	{0},
};
static const struct option_row of_crash[] = {
	{'s', "symbols", "ELF", "with functions and lines; the image that crashed"},
	{'r', "record", "FILE", "a record or a console's log, - for stdin; no agent is asked"},
	{0},
};
static const struct option_row of_time[] = {
	{'s', "set", NULL, "set the guest's clock to the time of this host"},
	{OPT_OWN, "sync", NULL, "let the guest read its hardware clock"},
	{0},
};
static const struct option_row of_cpus[] = {
	{OPT_OWN, "online", "N", "switch a processor on; again for more"},
	{OPT_OWN + 1, "offline", "N", "switch a processor off; again for more"},
	{0},
};
static const struct option_row of_conformance[] = {
	{OPT_OWN, "html", "FILE", "write a page as well"},
	{OPT_OWN + 1, "destructive", NULL, "also what a wrong agent could take for an order"},
	{OPT_OWN + 2, "strict", NULL, "other texts of errors are differences, too"},
	{OPT_OWN + 3, "topic", "TOPIC", "only this one; again for more"},
	{0},
};
static const struct option_row of_power[] = {
	{'w', "wait", NULL, "until it is done; -t says how long"},
	{'t', "time", "SECS", "at most so long; 60"},
	{0},
};
static const struct option_row of_wait[] = {
	{'t', "time", "SECS", "at most so long; 60"},
	{OPT_OWN, "qmp", "SOCKET",
         "wait for the event of QEMU's monitor there, then ask the agent"},
	{OPT_OWN + 1, "gone", NULL, "until no agent answers"},
	{0},
};
static const struct option_row of_top[] = {
	{'d', "delay", "SECS", "between two looks; 1"},
	{'n', "number", "N", "end after so many looks"},
	{0},
};

static const char exec_more[] =
	"The exit status is the command's, 128 + N if signal N ended it, 124 if its time was up, "
	"125 if\n"
	"it could not be run. The protocol gives output only when the command has ended; -s goes\n"
	"around that. A command cannot be ended from here: after -t or Ctrl-C it goes on in the "
	"guest.\n";
static const char get_more[] = "What has come is in LOCAL.part until all is there. LOCAL is the "
			       "name of REMOTE without its\n"
			       "directory if it is left out, and - means stdout.\n";
static const char put_more[] = "REMOTE is /tmp and the name of LOCAL if it is left out; it may end "
			       "in a / as well. LOCAL may\n"
			       "be - for stdin.\n";
static const char ls_more[] =
	"Other options are those of the guest's ls, and come last: qgactl ls --json -a /etc\n";
static const char raw_more[] = "Prints the answer as it comes, on a line. Without JSON, requests "
			       "are read from stdin, one a\n"
			       "line.\n";
static const char top_more[] =
	"Keys: q quit, p pause, + and - change the delay, c clears the latencies. With --json: an\n"
	"object a line for each look, and no terminal is needed.\n";
static const char wait_more[] = "For scripts: ends as soon as the agent answers. Neither socket "
				"nor guest has to be there yet.\n";
static const char log_more[] = "PATH is /log if it is left out: bareqga's. Where there is none, "
			       "the guest's dmesg is run.\n";
static const char crash_more[] =
	"Needs addr2line of binutils or llvm for -s; $ADDR2LINE may name another "
	"one. An image\nwith another build id is refused.\n";

static const char conformance_more[] =
	"Plays some thousand streams of bytes and compares the answers with those of the real qemu-ga, by\n"
	"their meaning. Nothing else may use the agent meanwhile.\n";

const struct command commands[] = {
	{"ping", "", "does the agent answer, and how fast", NULL, of_ping, 0, 0, false, ALL,
         cmd_ping},
	{"info", "", "what the guest is", NULL, of_info, 0, 0, false, ALL, cmd_info},
	{"exec", "[--] COMMAND [ARG...]", "run a command in the guest", exec_more, of_exec, 1, -1,
         false, UP_TO_WORD, cmd_exec},
	{"cat", "PATH...", "print files of the guest", NULL, none, 1, -1, false, ALL, cmd_cat},
	{"put", "LOCAL [REMOTE]", "copy a file into the guest", put_more, of_get, 1, 2, false, ALL,
         cmd_put},
	{"get", "REMOTE [LOCAL]", "copy a file out of the guest", get_more, of_get, 1, 2, false,
         ALL, cmd_get},
	{"ls", "[ARG...]", "list files, with the guest's own ls", ls_more, none, 0, -1, false,
         UP_TO_OTHER, cmd_ls},
	{"log", "[PATH]", "print the guest's log", log_more, of_log, 0, 1, false, ALL, cmd_log},
	{"crash", "", "print bareqga's record of the last crash", crash_more, of_crash, 0, 0, false,
         ALL, cmd_crash},
	{"time", "", "the guest's clock beside this host's", NULL, of_time, 0, 0, false, ALL,
         cmd_time},
	{"freeze", "[MOUNTPOINT...]", "freeze file systems, for a snapshot", NULL, none, 0, -1,
         false, ALL, cmd_freeze},
	{"thaw", "", "thaw them", NULL, none, 0, 0, false, ALL, cmd_thaw},
	{"status", "", "frozen or thawed", NULL, none, 0, 0, false, ALL, cmd_status},
	{"net", "", "network interfaces, addresses, routes", NULL, none, 0, 0, false, ALL, cmd_net},
	{"disks", "", "disks, file systems, and what was read and written", NULL, none, 0, 0, false,
         ALL, cmd_disks},
	{"cpus", "", "processors, and what they spend their time with", NULL, of_cpus, 0, 0, false,
         ALL, cmd_cpus},
	{"shutdown", "", "power the guest off", NULL, of_power, 0, 0, false, ALL, cmd_shutdown},
	{"reboot", "", "restart the guest", NULL, of_power, 0, 0, false, ALL, cmd_reboot},
	{"halt", "", "stop the guest without powering it off", NULL, of_power, 0, 0, false, ALL,
         cmd_halt},
	{"conformance", "", "does the agent answer as the real qemu-ga does", conformance_more,
         of_conformance, 0, 0, false, ALL, cmd_conformance},
	{"wait", "", "wait until the agent is ready", wait_more, of_wait, 0, 0, true, ALL,
         cmd_wait},
	{"raw", "[JSON]", "send a request as it is", raw_more, none, 0, 1, false, UP_TO_WORD,
         cmd_raw},
	{"shell", "", "a prompt for all of this, with history and completion", NULL, none, 0, 0,
         true, ALL, cmd_shell},
	{"top", "", "a live picture of load, latency, memory, disks, network", top_more, of_top, 0,
         0, false, ALL, cmd_top},
	{0},
};
