/* SPDX-License-Identifier: MIT */
/*
 * vsock_link.c - credit (Virtual I/O Device 1.2, 5.10.6.3). What `holds` says is so at first, and if it was
 * so before, it is so after anything that the driver calls, whatever header has come: so it always is. No
 * peer makes the driver keep more bytes than it has room for, none is sent more than it said it takes, and
 * no reply is put where there is no place.
 *
 * Bound: none; one step of any, from any state in which it holds, with counters anywhere in 32 bits.
 *
 * run short prove: --unwind 9
 * teeth short prove: hal/virtio/vsock_link.c: bytes > link->buf_alloc - held => bytes > link->buf_alloc
 * teeth prove: hal/virtio/vsock_link.c: link->rx_cnt += bytes; => link->rx_cnt = bytes;
 * teeth prove: hal/virtio/vsock_link.c: held < link->peer_alloc ? link->peer_alloc - held : 0 => link->peer_alloc - held
 * teeth prove: hal/virtio/vsock_link.c: if (link->stray_n == VSOCK_STRAYS) => if (0)
 * teeth prove: hal/virtio/vsock_link.c: (link->stray_at + 1) % VSOCK_STRAYS => link->stray_at + 1
 * teeth prove: hal/virtio/vsock_link.c: link->tx_cnt = link->rx_cnt = link->fwd_cnt = => link->tx_cnt = link->rx_cnt =
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

void prove(void)
{
	struct vsock_link link; /* any */
	struct vsock_header header = nondet_header();
	uint32_t bytes = nondet_unsigned(), room, kept;
	unsigned news;

	__CPROVER_assume(holds(&link));
	switch (nondet_unsigned() % 7) {
	case 0:
		__CPROVER_assume(bytes > 0);
		qga_vsock_link_init(&link, nondet_unsigned(), nondet_unsigned(), bytes);
		break;
	case 1:
		kept = link.rx_cnt - link.fwd_cnt;
		news = qga_vsock_link_receive(&link, &header, bytes);
		if (news & VSOCK_DATA)
			__CPROVER_assert(kept <= link.buf_alloc && bytes <= link.buf_alloc - kept,
			                 "there is room for it");
		break;
	case 2:
		/* vwork_keep() has put them there, and they are taken once. */
		__CPROVER_assume(bytes <= link.rx_cnt - link.fwd_cnt);
		qga_vsock_link_taken(&link, bytes);
		break;
	case 3:
		room = qga_vsock_link_room(&link);
		__CPROVER_assume(bytes > 0 && bytes <= room);
		qga_vsock_link_send(&link, &header, bytes);
		__CPROVER_assert(link.tx_cnt - link.peer_fwd <= link.peer_alloc,
		                 "it said that it takes so many");
		__CPROVER_assert(header.len == bytes && header.fwd_cnt == link.fwd_cnt,
		                 "and is told what was taken");
		break;
	case 4:
		qga_vsock_link_ask(&link);
		break;
	case 5:
		qga_vsock_link_say(&link, &header);
		break;
	default:
		qga_vsock_link_end(&link);
	}
	__CPROVER_assert(holds(&link), "so it was before, so it is after");
}
