/* SPDX-License-Identifier: MIT */
/*
 * riscv_intc.c - which of a RISC-V machine's interrupt controllers and timers are ours.
 *
 * A machine may have several of each, and each serves the harts that its interrupts-extended names:
 * pairs of a hart's own controller and a cause. A PLIC's context, an APLIC's or a timer's hart, and
 * an IMSIC's page are positions in there. QEMU with several NUMA nodes has a PLIC or two APLICs for
 * each, and gives its virtio devices to one whose harts are not the first: the agent then begins
 * anew on a hart that they can wake.
 */
#include "riscv_virt.h"
#include "arch.h"
#include "csr.h"
#include "imsic.h"
#include "irqchip/aplic.h"
#include "irqchip/plic.h"
#include "mmio.h"
#include "riscv.h"

/* Of each kind of node so many are looked at, of a hart those with numbers below this. */
#define NODES_MAX 16
#define HARTS_MAX 64

#define IRQ_SOFTWARE 3
#define IRQ_MTIMER   7

/* In a CLINT (SiFive U54 manual, 9.1): msip at 0, mtimecmp, mtime. */
#define CLINT_MTIMECMP 0x4000
#define CLINT_MTIME    0xbff8

#define PAGE 0x1000

struct node {
	uint8_t kind;   /* enum riscv_intc_kind */
	uintptr_t base; /* of its first registers */
	struct fdt_prop parents, children;
	uint32_t phandle, sources, msi_parent, hart_bits, guest_bits;
	struct fdt_prop reg;
	uint8_t address_cells, size_cells;
};

/* Those of our mode, and the harts' own controllers. */
static struct node nodes[NODES_MAX];
static unsigned n_nodes, n_controllers;
static const struct node *last_controller; /* mostly the only one */
static uint32_t hart_intc[HARTS_MAX];

static union {
	struct plic plic;
	struct aplic aplic;
} driver;

void found_cpu_intc(struct machine *m, const struct fdt_node *node,
                    const struct machine_device *device)
{
	(void)device;
	if (m->cpu_number < HARTS_MAX)
		hart_intc[m->cpu_number] = node->prop[FDT_PHANDLE].cell;
}

void found_intc(struct machine *m, const struct fdt_node *node, const struct machine_device *device)
{
	enum riscv_intc_kind kind = (enum riscv_intc_kind)device->which;
	struct node *n;

	(void)m;
	if (n_nodes == NODES_MAX || !device->base)
		return;
	n = &nodes[n_nodes++];
	n->kind = (uint8_t)kind;
	if (kind == RISCV_PLIC || kind == RISCV_APLIC) {
		n_controllers++;
		last_controller = n;
	}
	n->base = device->base;
	n->parents = node->prop[FDT_INTERRUPTS_EXTENDED];
	n->children = node->prop[FDT_RISCV_CHILDREN];
	n->phandle = node->prop[FDT_PHANDLE].cell;
	/* A PLIC has the first of these, an APLIC the second. */
	n->sources = node->prop[FDT_RISCV_NDEV].cell + node->prop[FDT_RISCV_NUM_SOURCES].cell;
	n->msi_parent = node->prop[FDT_MSI_PARENT].cell;
	n->hart_bits = node->prop[FDT_RISCV_HART_INDEX_BITS].cell;
	n->guest_bits = node->prop[FDT_RISCV_GUEST_INDEX_BITS].cell;
	n->reg = node->prop[FDT_REG];
	n->address_cells = node->address_cells;
	n->size_cells = node->size_cells;
}

/* The position of a hart among those pairs that have this cause; all: among all pairs. -1: none. */
static int position(const struct node *node, uint32_t hart, uint32_t cause, bool all)
{
	int at = 0;

	for (uint32_t i = 0; hart < HARTS_MAX && i < node->parents.len / 8; i++) {
		const uint8_t *pair = node->parents.value + i * 8;
		bool same = fdt_be32(pair + 4) == cause;

		if (same && hart_intc[hart] && fdt_be32(pair) == hart_intc[hart])
			return at;
		at += all || same;
	}
	return -1;
}

static const struct node *imsic_of(const struct node *aplic)
{
	for (unsigned i = 0; i < n_nodes; i++)
		if (nodes[i].kind == RISCV_IMSIC && nodes[i].phandle == aplic->msi_parent)
			return &nodes[i];
	return NULL;
}

/* What a controller calls a hart, or -1: it does not serve it. */
static int number_of(const struct node *node, uint32_t hart)
{
	const struct node *by =
		node->kind == RISCV_APLIC && node->msi_parent ? imsic_of(node) : node;

	return by ? position(by, hart, IRQ_EXTERN, by->kind == RISCV_PLIC) : -1;
}

/* Do lines that name this parent (0: none) come here? Of two domains the tree names the lower one. */
static bool takes(const struct node *node, uint32_t parent)
{
	bool mine = !parent || node->phandle == parent;

	if (node->kind != RISCV_PLIC && node->kind != RISCV_APLIC)
		return false;
	for (uint32_t i = 0; !mine && i + 4 <= node->children.len; i += 4)
		mine = fdt_be32(node->children.value + i) == parent;
	return mine;
}

/* The controller of such lines that serves a hart. */
static const struct node *controller(uint32_t parent, uint32_t hart)
{
	for (unsigned i = 0; i < n_nodes; i++)
		if (takes(&nodes[i], parent) && number_of(&nodes[i], hart) >= 0)
			return &nodes[i];
	return NULL;
}

/* --- Taking them into use --- */

/* Of a controller's registers those with an index. */
static bool registers_of(const struct node *node, uint32_t index, uint64_t *base, uint64_t *size)
{
	return fdt_range(&node->reg, node->address_cells, node->size_cells, index, base, size);
}

/* Our page of an IMSIC, and what an APLIC calls us there: groups of harts, one in each region. */
static uint64_t imsic_page(const struct node *imsic, uint32_t at, uint32_t *number)
{
	uint64_t base, size, stride = (uint64_t)PAGE << imsic->guest_bits % 8;

	for (uint32_t group = 0; registers_of(imsic, group, &base, &size); group++) {
		if (at < size / stride) {
			*number = group << imsic->hart_bits % 16 | at;
			return base + at * stride;
		}
		at -= (uint32_t)(size / stride);
	}
	return 0;
}

static const struct aplic_imsic our_imsic = {.claim = imsic_claim};

static void start_aplic(const struct node *node, uint32_t number)
{
	const struct node *imsic = node->msi_parent ? imsic_of(node) : NULL;
	uint64_t page = imsic ? imsic_page(imsic, number, &number) : 0;

	aplic_init(&driver.aplic, node->base, node->sources, number);
	if (!imsic)
		return;
	imsic_init(APLIC_IDENTITY);
	aplic_by_message(&driver.aplic, &our_imsic);
	if (!RISCV_SUPERVISOR)
		aplic_send_to(&driver.aplic, page);
}

/* Our hart's, in machine mode. */
static void find_timer(void)
{
	for (unsigned i = 0; i < n_nodes; i++) {
		const struct node *node = &nodes[i];
		int at = position(node, (uint32_t)arch_boot.hart, IRQ_MTIMER, false);
		uint64_t second = 0, size;

		if (at < 0 || (node->kind != RISCV_CLINT && node->kind != RISCV_MTIMER))
			continue;
		registers_of(node, 1, &second, &size);
		riscv_timer.mtimecmp =
			8 * (uintptr_t)at + (node->kind == RISCV_CLINT ? node->base + CLINT_MTIMECMP
		                                                       : (uintptr_t)second);
		if (!riscv_has_time)
			riscv_timer.mtime =
				node->base + (node->kind == RISCV_CLINT ? CLINT_MTIME : 0);
	}
}

static void start_timer(void)
{
	if (RISCV_SUPERVISOR)
		return;
	if (riscv_has_time)
		riscv_timer.find = find_timer;
	else
		find_timer();
}

#if RISCV_SUPERVISOR
/* Returns if the other hart cannot be started. */
static void move_to(uint32_t hart)
{
	riscv_hand_over(hart, arch_boot.fdt);
}

static void has_moved(void)
{
}
#else
/* A hart's msip, or 0. */
static uintptr_t msip_of(uint32_t hart)
{
	for (unsigned i = 0; i < n_nodes; i++) {
		int at = position(&nodes[i], hart, IRQ_SOFTWARE, false);

		if (at >= 0 && (nodes[i].kind == RISCV_CLINT || nodes[i].kind == RISCV_MSWI))
			return nodes[i].base + 4 * (uintptr_t)at;
	}
	return 0;
}

static void move_to(uint32_t hart)
{
	uintptr_t msip = msip_of(hart);

	if (msip)
		riscv_hand_over(msip);
}

static void has_moved(void)
{
	uintptr_t msip;

	if (!(csr_read(CSR_IP) & 1u << IRQ_SOFTWARE))
		return;
	msip = msip_of((uint32_t)arch_boot.hart);
	if (msip)
		mmio_write32(msip, 0);
}
#endif

/* Which controller our hart's is to be, if there is a choice: the one of the agent's device; or 0. */
static uint32_t preferred(struct machine *m, uint32_t hart)
{
	const struct node *ours = controller(0, hart);

	for (unsigned i = 0; ours && i < n_nodes; i++)
		if (&nodes[i] != ours && takes(&nodes[i], 0) && !takes(ours, nodes[i].phandle))
			return machine_agent_irq(m).parent;
	return 0;
}

/* Lines of a controller that is not ours are none. */
static void keep(struct machine_irq *irq, const struct node *ours)
{
	if (irq->parent && !takes(ours, irq->parent))
		irq->number = 0;
}

static void keep_ours(struct machine *m, const struct node *ours)
{
	for (unsigned i = 0; i < m->n_consoles; i++)
		keep(&m->console_irq[i], ours);
	for (unsigned i = 0; i < m->n_uarts; i++)
		keep(&m->uart[i].irq, ours);
}

const char *riscv_start_interrupts(struct machine *m)
{
	uint32_t hart = (uint32_t)arch_boot.hart, other;
	uint32_t parent = n_controllers > 1 ? preferred(m, hart) : 0;
	const struct node *ours = n_controllers > 1 ? controller(parent, hart) : last_controller;
	int number = ours ? number_of(ours, hart) : -1;

	for (other = 0; number < 0 && other < HARTS_MAX; other++)
		if (other != hart && controller(parent, other))
			move_to(other);
	if (number < 0)
		return "bareqga: the device tree names no interrupt controller (PLIC, APLIC) of "
		       "this "
		       "hart";

	if (n_controllers > 1)
		keep_ours(m, ours);
	if (ours->kind == RISCV_PLIC)
		plic_init(&driver.plic, ours->base, (uint32_t)number, ours->sources + 1);
	else
		start_aplic(ours, (uint32_t)number);
	m->irqchip = (struct irqchip *)&driver;
	start_timer();
	if (hart) /* the first one is never woken by another */
		has_moved();
	return NULL;
}
