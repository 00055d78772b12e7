/* SPDX-License-Identifier: MIT */
/* bareqga_kconfig.h - bareqga's configuration out of Kconfig's, for Zephyr and Unikraft. */
#ifndef BAREQGA_KCONFIG_H
#define BAREQGA_KCONFIG_H

#ifdef __Unikraft__
#include <uk/config.h>
#endif

#ifdef CONFIG_BAREQGA_TINY
#define QGA_TINY 1
#endif
#ifdef CONFIG_BAREQGA_SMALL
#define QGA_SMALL 1
#endif
#ifndef CONFIG_BAREQGA_TIME
#define QGA_WITH_TIME 0
#endif
#ifndef CONFIG_BAREQGA_INVENTORY
#define QGA_WITH_INVENTORY 0
#endif
#ifndef CONFIG_BAREQGA_FILES
#define QGA_WITH_FILES 0
#endif
#ifndef CONFIG_BAREQGA_EXEC
#define QGA_WITH_EXEC 0
#endif
#ifndef CONFIG_BAREQGA_FREEZE
#define QGA_WITH_FREEZE 0
#endif

#ifdef BAREQGA_CONFIG_FILE
#include BAREQGA_CONFIG_FILE
#endif

#endif
