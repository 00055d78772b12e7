/* SPDX-License-Identifier: MIT */
/*
 * vsock_link.c - credit (Virtual I/O Device 1.2, 5.10.6.3). What `holds` says is so at first, and if it was
 * so before, it is so after anything that the driver calls, whatever header has come: so it always is. No
 * peer makes the driver keep more bytes than it has room for, none is sent more than it said it takes, and
 * no reply is put where there is no place.
 *
 * Bound: none; one step of any, from any state in which it holds, with counters anywhere in 32 bits.
 *
 * run short prove_init: --unwind 9
 * run short prove_receive: --unwind 9
 * run short prove_taken: --unwind 9
 * run prove_send: --unwind 9
 * run short prove_say: --unwind 9
 * teeth prove_init: hal/virtio/vsock_link.c: memset(link, 0, sizeof(*link)); => ;
 * teeth short prove_receive: hal/virtio/vsock_link.c: bytes > link->buf_alloc - held => bytes > link->buf_alloc
 * teeth prove_receive: hal/virtio/vsock_link.c: if (link->stray_n == VSOCK_STRAYS) => if (0)
 * teeth prove_receive: hal/virtio/vsock_link.c: link->tx_cnt = link->rx_cnt = link->fwd_cnt = => link->tx_cnt = link->rx_cnt =
 * teeth prove_taken: hal/virtio/vsock_link.c: link->fwd_cnt += bytes; => link->fwd_cnt += bytes + 1;
 * teeth prove_send: hal/virtio/vsock_link.c: held < link->peer_alloc ? link->peer_alloc - held : 0 => link->peer_alloc - held
 * teeth prove_say: hal/virtio/vsock_link.c: (link->stray_at + 1) % VSOCK_STRAYS => link->stray_at + 1
 */
/* CBMC does not know "packed, aligned(4)" and would find the header four bytes longer. */
#define aligned(n) packed
#include "virtio/vsock_link.c"

uint32_t nondet_unsigned(void);
struct vsock_header nondet_header(void);

static bool holds(const struct vsock_link *link)
{
	return link->buf_alloc > 0 && link->stray_n <= VSOCK_STRAYS &&
	       link->stray_at < VSOCK_STRAYS && link->rx_cnt - link->fwd_cnt <= link->buf_alloc;
}

void prove_init(void)
{
	struct vsock_link link; /* any, here and below */
	uint32_t bytes = nondet_unsigned();

	__CPROVER_assume(bytes > 0);
	qga_vsock_link_init(&link, nondet_unsigned(), nondet_unsigned(), bytes);
	__CPROVER_assert(holds(&link), "at first");
}

void prove_receive(void)
{
	struct vsock_link link;
	struct vsock_header header = nondet_header();
	uint32_t bytes = nondet_unsigned(), kept = link.rx_cnt - link.fwd_cnt;
	unsigned news;

	__CPROVER_assume(holds(&link));
	news = qga_vsock_link_receive(&link, &header, bytes);
	if (news & VSOCK_DATA)
		__CPROVER_assert(bytes <= link.buf_alloc - kept, "there is room for it");
	__CPROVER_assert(holds(&link), "so it was before, so it is after");
}

/* vwork_keep() has put them there, and they are taken once. */
void prove_taken(void)
{
	struct vsock_link link;
	uint32_t bytes = nondet_unsigned();

	__CPROVER_assume(holds(&link) && bytes <= link.rx_cnt - link.fwd_cnt);
	qga_vsock_link_taken(&link, bytes);
	__CPROVER_assert(holds(&link), "so it was before, so it is after");
}

void prove_send(void)
{
	struct vsock_link link;
	struct vsock_header header;
	uint32_t bytes = nondet_unsigned();

	__CPROVER_assume(holds(&link) && bytes > 0 && bytes <= qga_vsock_link_room(&link));
	qga_vsock_link_send(&link, &header, bytes);
	__CPROVER_assert(link.tx_cnt - link.peer_fwd <= link.peer_alloc, "it takes so many");
	__CPROVER_assert(header.len == bytes && header.fwd_cnt == link.fwd_cnt, "it is told");
	__CPROVER_assert(holds(&link), "so it was before, so it is after");
}

void prove_say(void)
{
	struct vsock_link link;
	struct vsock_header header;

	__CPROVER_assume(holds(&link));
	qga_vsock_link_say(&link, &header);
	__CPROVER_assert(holds(&link), "so it was before, so it is after");
}
