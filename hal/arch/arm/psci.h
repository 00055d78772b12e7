/* SPDX-License-Identifier: MIT */
/*
 * psci.h - power off and reset by the firmware or hypervisor.
 *
 * Power State Coordination Interface, DEN0022 1.1, 5.9 and 5.10. Left out: other processors.
 */
#ifndef BAREQGA_ARCH_ARM_PSCI_H
#define BAREQGA_ARCH_ARM_PSCI_H

#include <stdbool.h>

/* smc: the conduit, else hvc. Both return only if the machine cannot. */
void psci_system_off(bool smc);
void psci_system_reset(bool smc);

#endif
