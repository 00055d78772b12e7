/* SPDX-License-Identifier: MIT */
/*
 * barrier.h - the orderings that memory shared with a device needs, named by purpose.
 *
 * The device is another processor, or a thread of one, that shares coherent memory with us. Each
 * barrier names its partner on the device's side (Virtual I/O Device 1.2, section 2.7).
 * Left out on purpose: cache maintenance; devices that do not snoop are not supported.
 */
#ifndef BAREQGA_BARRIER_H
#define BAREQGA_BARRIER_H

#if defined(__riscv)

/* RISC-V unprivileged ISA 20191213, 2.7: i/o are device accesses, r/w are memory. */
#define BARRIER_WRITE_WRITE()  __asm__ volatile("fence w, w" ::: "memory")
#define BARRIER_READ_READ()    __asm__ volatile("fence r, rw" ::: "memory")
#define BARRIER_FULL()         __asm__ volatile("fence rw, rw" ::: "memory")
#define BARRIER_WRITE_DEVICE() __asm__ volatile("fence w, o" ::: "memory")

#elif defined(__ARM_ARCH)

/* Arm ARM, B2.3 (barriers). sy, not ish: a device need not be in our shareability domain. */
#if defined(__aarch64__)
#define BARRIER_READ_READ() __asm__ volatile("dmb ld" ::: "memory")
#else
#define BARRIER_READ_READ() __asm__ volatile("dmb sy" ::: "memory")
#endif
#define BARRIER_WRITE_WRITE()  __asm__ volatile("dmb st" ::: "memory")
#define BARRIER_FULL()         __asm__ volatile("dmb sy" ::: "memory")
#define BARRIER_WRITE_DEVICE() __asm__ volatile("dmb st" ::: "memory")

#elif defined(__x86_64__) || defined(__i386__)

/* Stores are ordered among themselves, as are loads; only store-load needs an instruction. */
#define BARRIER_WRITE_WRITE()  __asm__ volatile("" ::: "memory")
#define BARRIER_READ_READ()    __asm__ volatile("" ::: "memory")
#define BARRIER_FULL()         __sync_synchronize()
#define BARRIER_WRITE_DEVICE() __asm__ volatile("" ::: "memory")

#else

/* Enough between threads, so for tests on other hosts. */
#define BARRIER_WRITE_WRITE()  __sync_synchronize()
#define BARRIER_READ_READ()    __sync_synchronize()
#define BARRIER_FULL()         __sync_synchronize()
#define BARRIER_WRITE_DEVICE() __sync_synchronize()

#endif

/*
 * Entries before the index that announces them. Partner: the device's read barrier after avail.idx
 * (2.7.13.3).
 */
static inline void barrier_before_publish(void)
{
	BARRIER_WRITE_WRITE();
}

/*
 * Our index before our look at what the device last said. Partner: the device's full barrier
 * between its change of flags or used.idx and its last look at avail.idx (2.7.13.4.1).
 */
static inline void barrier_after_publish(void)
{
	BARRIER_FULL();
}

/*
 * used.idx before the entries it announces. Partner: the device's write barrier before used.idx
 * (2.7.14).
 */
static inline void barrier_before_entries(void)
{
	BARRIER_READ_READ();
}

/* The ring before the register write that makes the device look at it (2.7.13.4). */
static inline void barrier_before_notify(void)
{
	BARRIER_WRITE_DEVICE();
}

#endif
