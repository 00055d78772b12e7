/* SPDX-License-Identifier: MIT */
/*
 * env.h - what a machine without an operating system can truly offer to the agent's commands.
 *
 * The environment of the stand-alone image: proto/agent_env.h over boards/board.h, joined with
 * what the application registers (app.h). Each env_<part>.c is one group; a group, or a callback,
 * that this machine cannot have is NULL, so its commands are not offered.
 */
#ifndef ENV_H
#define ENV_H

#include "bareqga.h"
#include "board.h"

/* All values that the host sets together, in bytes with their NULs; 0: it can set none. */
#ifndef ENV_SETTINGS_SIZE
#define ENV_SETTINGS_SIZE 2048
#endif

/* Is it counted how often the machine was restored, and the application told? 0 makes the image smaller. */
#ifndef ENV_WITH_GENERATION
#define ENV_WITH_GENERATION (!QGA_SMALL)
#endif

/* Builds everything. Once, after board_init(); the result lives for ever. */
const struct qga_env *env_init(const struct board *board);

/*
 * Fills in what an agent needs: env, policy, commands, jobs; and request and token memory if there
 * is more of it than *config has.
 */
void env_config(struct qga_config *config);

/*
 * Work beside the agent's (the application's, and load figures, which wait for the first answer:
 * x86 may have to measure its clock for them); call it whenever the loop turns. Returns the
 * nanoseconds after which it wants to be called, or UINT64_MAX. Never costs a wake-up by itself.
 */
uint64_t env_poll(bool answered);

/*
 * Ends the machine, and QEMU with this exit status, 0 to 127, where a device can: sifive_test on RISC-V, semihosting
 * on Arm, isa-debug-exit on x86, which makes 2 * status + 1 of it. 0 is a power-off, on any machine that can.
 * Nothing comes to rest before. Returns QGA_ENOSYS if nothing can, after a line of text.
 */
int env_exit(unsigned status);

/* One line for a person: to the board's debug channel and to the log. */
void env_say(const char *text);

/* Takes into the log what the board has said since; whoever reads the log calls it first. */
void env_hear(void);

/* --- The parts, for env.c --- */

struct log;
struct ram_files;

/*
 * A host setting: fw_cfg item opt/bareqga/NAME, or bareqga.NAME=... of the command line, or NULL.
 * It is asked for as ENV_SETTING("NAME").
 */
#define ENV_SETTING(name) "opt/bareqga/" name
#if ENV_SETTINGS_SIZE > 0
const char *env_setting(const char *item, const char *cmdline);
#else
static inline const char *env_setting(const char *item, const char *cmdline)
{
	(void)item;
	(void)cmdline;
	return NULL;
}
#endif

const struct qga_clock *env_clock_init(const struct board *board);
const struct qga_power *env_power_init(const struct board *board);
const struct qga_inventory *env_inventory_init(const struct board *board);
const struct qga_files *env_files_init(struct ram_files *ram, struct log *log);
const struct qga_exec *env_exec_init(const struct qga_files *files, const struct qga_clock *clock,
                                     struct log *log);

/* Where firmware_trap() leaves its record. */
void env_crash_init(const struct board *board, struct log *log);

/*
 * Looks at the hardware clock, and goes along with it where it went on while the machine stood still.
 * Returns true if that is so. Costs the board a reading of its clock.
 */
bool env_clock_look(void);

/* Bytes that a generation may take as a text. */
#define ENV_GENERATION_SIZE 24

#if ENV_WITH_GENERATION
/* See env_restored.c. Once, before all of the others. */
void env_restored_init(const struct board *board);

/* From now on it is looked, if there is anything to look at; every call but the first does nothing. */
void env_watch(void);

/* Was the machine stopped, restored or cloned since the last look? If so, all is done about it. */
void env_look(void);

/*
 * Looks, and fills text with how often the machine was stopped, restored or cloned, in decimal digits, and
 * LF. Returns how many bytes; 0: that cannot be known here.
 */
size_t env_generation(char *text);
#else
static inline void env_restored_init(const struct board *board)
{
	(void)board;
}

static inline void env_watch(void)
{
}

static inline void env_look(void)
{
	(void)env_clock_look();
}

static inline size_t env_generation(char *text)
{
	(void)text;
	return 0;
}
#endif

/* A load sample, if one is due. */
void env_load_sample(void);

/* Disks and network cards of the machine, the latter joined with the application's interfaces. */
void env_devices_init(const struct board *board);
int env_disk(void *context, size_t index, struct qga_disk *item);
int env_interface(void *context, size_t index, struct qga_interface *item);

/* The file systems: that of the RAM files and the application's, joined. */
const struct qga_freeze *env_freeze_init(void);
int env_filesystem(void *context, size_t index, struct qga_filesystem *item);

/* Bytes of the RAM files: all there could be, and those in use. 0: there is no room for any. */
size_t env_files_total(void);
size_t env_files_used(void);

/* From here on writing to RAM files fails with QGA_EBUSY, or does not. */
void env_files_freeze(bool frozen);

/* A path as it is after env_path(), in bytes. */
#if QGA_SMALL
#define ENV_PATH_MAX 104
#else
#define ENV_PATH_MAX 264
#endif

/* Returns 0 if that is a directory, which a name may go on behind, or QGA_ENOTDIR or QGA_ENOENT. */
typedef int env_path_step(const char *path, size_t len);

/*
 * Finds what a name means: one absolute path without "//", "." and "..", and without a slash at its
 * end; a relative name is one in /tmp. *result is not NUL-ended, and lives until the next call.
 * Returns its length, what `step` says of a part that is no directory, or QGA_ENAMETOOLONG.
 */
int env_path(const char *path, size_t len, env_path_step *step, const char **result);

/* The step in the tree of files. */
int env_files_step(const char *path, size_t len);

/* Removes a RAM file. Returns 0 or a negative enum qga_errno. */
int env_files_remove(const char *path, size_t len);

/* The path of RAM file number `index`, not NUL-ended, and its size; 0 past the end. */
size_t env_files_list(size_t index, const char **path, size_t *size);

#endif
