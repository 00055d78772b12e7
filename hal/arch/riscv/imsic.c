/* SPDX-License-Identifier: MIT */
/* imsic.c - see imsic.h. Left out: more than one identity, interrupts between harts. */
#include "imsic.h"
#include "csr.h"

enum imsic_register { /* behind CSR_ISELECT */
	EIDELIVERY = 0x70,
	EITHRESHOLD = 0x72,
	EIE0 = 0xc0,
};

static void write_indirect(uint32_t reg, uint32_t value)
{
	csr_write(CSR_ISELECT, reg);
	csr_write(CSR_IREG, value);
}

void imsic_init(uint32_t identity)
{
	write_indirect(EIE0, UINT32_C(1) << identity);
	write_indirect(EITHRESHOLD, 0);
	write_indirect(EIDELIVERY, 1);
}

void imsic_claim(void)
{
	csr_write(CSR_TOPEI, 0);
}
