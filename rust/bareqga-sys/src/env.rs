// SPDX-License-Identifier: MIT
//! Section 2 of `bareqga.h`: the world. A callback is `Option`, as NULL is allowed in C.

use crate::layout::{constants, structs};
use crate::{c_char, c_int, c_uint, c_void};

/// A function of a group: its context, and what else it gets.
type Of<A, R> = Option<A2<A, R>>;
/// The type of those with one more argument.
type A2<A, R> = unsafe extern "C" fn(context: *mut c_void, a: A) -> R;
/// Fills the item at an index.
type Item<T> = Option<unsafe extern "C" fn(context: *mut c_void, index: usize, item: *mut T) -> c_int>;
/// A program of `guest-exec`.
pub type qga_program = unsafe extern "C" fn(job: *mut qga_job) -> c_int;
/// How `guest-shutdown` is to end: `QGA_POWERDOWN`, `QGA_HALT` or `QGA_REBOOT`.
pub type qga_power_mode = c_int;

constants! {
    QGA_EPERM: c_int = -1;
    QGA_ENOENT: c_int = -2;
    QGA_EIO: c_int = -5;
    QGA_E2BIG: c_int = -7;
    QGA_EBADF: c_int = -9;
    QGA_EAGAIN: c_int = -11;
    QGA_EACCES: c_int = -13;
    QGA_EBUSY: c_int = -16;
    QGA_EEXIST: c_int = -17;
    QGA_ENOTDIR: c_int = -20;
    QGA_EISDIR: c_int = -21;
    QGA_EINVAL: c_int = -22;
    QGA_EMFILE: c_int = -24;
    QGA_EFBIG: c_int = -27;
    QGA_ENOSPC: c_int = -28;
    QGA_EROFS: c_int = -30;
    QGA_ENAMETOOLONG: c_int = -36;
    QGA_ENOSYS: c_int = -38;
    QGA_POWERDOWN: qga_power_mode = 0;
    QGA_HALT: qga_power_mode = 1;
    QGA_REBOOT: qga_power_mode = 2;
    QGA_TEXT_MAX: usize = 46;
    QGA_OPEN_READ: c_uint = 1;
    QGA_OPEN_WRITE: c_uint = 2;
    QGA_OPEN_CREATE: c_uint = 4;
    QGA_OPEN_TRUNCATE: c_uint = 8;
    QGA_RUNNING: c_int = -1;
}

structs! {
    /// Clocks.
    struct qga_clock {
        context: *mut c_void,
        get: Of<*mut i64, c_int>,
        set: Of<i64, c_int>,
        reread: Option<unsafe extern "C" fn(context: *mut c_void) -> c_int>,
        monotonic: Option<unsafe extern "C" fn(context: *mut c_void) -> u64>,
    }
    /// Switching off.
    struct qga_power {
        context: *mut c_void,
        shutdown: Of<qga_power_mode, c_int>,
        suspend: Option<unsafe extern "C" fn(context: *mut c_void) -> c_int>,
        off: Of<qga_power_mode, ()>,
        drain: Of<qga_power_mode, bool>,
        drain_ns: u64,
        close_ns: u64,
    }
    /// One processor.
    struct qga_vcpu {
        logical_id: i64,
        online: bool,
        can_offline: bool,
    }
    /// What a processor has done.
    struct qga_cpustat {
        user_ms: u64,
        system_ms: u64,
        idle_ms: u64,
    }
    /// A block of memory.
    struct qga_memory_block {
        phys_index: u64,
        online: bool,
        can_offline: bool,
    }
    /// An address of an interface.
    struct qga_address {
        address: *const c_char,
        ipv6: bool,
        prefix: u8,
    }
    /// What has passed an interface.
    struct qga_netstats {
        rx_bytes: u64,
        rx_packets: u64,
        rx_errs: u64,
        rx_dropped: u64,
        tx_bytes: u64,
        tx_packets: u64,
        tx_errs: u64,
        tx_dropped: u64,
    }
    /// A network interface.
    struct qga_interface {
        name: *const c_char,
        has_mac: bool,
        has_stats: bool,
        mac: [u8; 6],
        addresses: *const qga_address,
        n_addresses: usize,
        stats: qga_netstats,
    }
    /// A route.
    struct qga_route {
        iface: *const c_char,
        destination: *const c_char,
        gateway: *const c_char,
        mask: *const c_char,
        prefix_length: *const c_char,
        source: *const c_char,
        nexthop: *const c_char,
        metric: i64,
        flags: i64,
        version: u8,
        source_length: *const c_char,
        has_counts: bool,
        refcnt: i64,
        r#use: i64,
        has_tcp: bool,
        irtt: i64,
        window: i64,
        mtu: i64,
    }
    /// A disk.
    struct qga_disk {
        name: *const c_char,
        capacity: u64,
        unit: u32,
        major: u32,
        minor: u32,
        read_ios: u64,
        read_sectors: u64,
        write_ios: u64,
        write_sectors: u64,
        flush_ios: u64,
    }
    /// A mounted file system.
    struct qga_filesystem {
        name: *const c_char,
        mountpoint: *const c_char,
        r#type: *const c_char,
        has_usage: bool,
        used_bytes: u64,
        total_bytes: u64,
        privileged_bytes: u64,
    }
    /// How busy the processors were.
    struct qga_load {
        load1m: i64,
        load5m: i64,
        load15m: i64,
    }
    /// What there is.
    struct qga_inventory {
        context: *mut c_void,
        host_name: Option<unsafe extern "C" fn(context: *mut c_void) -> *const c_char>,
        os_release: Option<unsafe extern "C" fn(context: *mut c_void) -> *const c_char>,
        machine: *const c_char,
        kernel_release: *const c_char,
        kernel_version: *const c_char,
        memory_block_size: u64,
        vcpu: Item<qga_vcpu>,
        set_vcpu: Option<unsafe extern "C" fn(context: *mut c_void, logical_id: i64, online: bool) -> c_int>,
        cpustat: Item<qga_cpustat>,
        load: Of<*mut qga_load, c_int>,
        memory_block: Item<qga_memory_block>,
        interface: Item<qga_interface>,
        route: Item<qga_route>,
        disk: Item<qga_disk>,
        filesystem: Item<qga_filesystem>,
        has_users: bool,
    }
    /// The storage behind files.
    struct qga_files {
        context: *mut c_void,
        open: Option<unsafe extern "C" fn(context: *mut c_void, path: *const c_char, len: usize, flags: c_uint, file: *mut *mut c_void) -> c_int>,
        close: Of<*mut c_void, ()>,
        size: Option<unsafe extern "C" fn(context: *mut c_void, file: *mut c_void, size: *mut u64) -> c_int>,
        read: Option<unsafe extern "C" fn(context: *mut c_void, file: *mut c_void, offset: u64, buf: *mut c_void, len: usize) -> i64>,
        write: Option<unsafe extern "C" fn(context: *mut c_void, file: *mut c_void, offset: u64, buf: *const c_void, len: usize) -> i64>,
        flush: Of<*mut c_void, c_int>,
    }
    /// The programs of `guest-exec`.
    struct qga_exec {
        context: *mut c_void,
        find: Option<unsafe extern "C" fn(context: *mut c_void, path: *const c_char, len: usize, program_context: *mut *mut c_void) -> Option<qga_program>>,
    }
    /// What a running program sees.
    struct qga_job {
        context: *mut c_void,
        argv: *const *mut c_char,
        argc: usize,
        env: *const *mut c_char,
        input: *const c_char,
        input_len: usize,
        output: Option<unsafe extern "C" fn(job: *mut qga_job, stream: c_int, data: *const c_void, len: usize)>,
        wait_ns: u64,
        state: [u64; 4],
    }
    /// File systems to quiesce.
    struct qga_freeze {
        context: *mut c_void,
        freeze: Option<unsafe extern "C" fn(context: *mut c_void, mountpoint: *const c_char, len: usize, path: *mut *const c_char) -> c_int>,
        thaw: Option<unsafe extern "C" fn(context: *mut c_void) -> c_int>,
        trim: Option<unsafe extern "C" fn(context: *mut c_void, index: usize, minimum: u64, path: *mut *const c_char, trimmed: *mut u64) -> c_int>,
        watchdog_ns: u64,
    }
    /// All of these.
    struct qga_env {
        clock: *const qga_clock,
        power: *const qga_power,
        inventory: *const qga_inventory,
        files: *const qga_files,
        exec: *const qga_exec,
        freeze: *const qga_freeze,
    }
}
