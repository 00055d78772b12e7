// SPDX-License-Identifier: MIT
//! Sections 1 and 3 to 6 of `bareqga.h`: commands, the writer, channels, the agent. The default configuration.

use core::mem::size_of;

use crate::layout::{constants, structs};
use crate::{c_char, c_int, c_uint, c_void, qga_env};

/// What a handler's step came to: `QGA_DONE`, `QGA_MORE` or `QGA_FAIL`.
pub type qga_status = c_int;

constants! {
    BAREQGA_VERSION_MAJOR: u32 = 0;
    BAREQGA_VERSION_MINOR: u32 = 9;
    BAREQGA_VERSION_PATCH: u32 = 0;
    QGA_TINY: u32 = 0;
    QGA_SMALL: u32 = 0;
    QGA_SMALL_TOKENS: usize = 256;
    QGA_WITH_TIME: u32 = 1;
    QGA_WITH_INVENTORY: u32 = 1;
    QGA_WITH_FILES: u32 = 1;
    QGA_WITH_EXEC: u32 = 1;
    QGA_WITH_FREEZE: u32 = 1;
    QGA_WITH_OWN: u32 = 1;
    QGA_WITH_HOOKS: u32 = 1;
    QGA_WITH_LINE: u32 = 1;
    QGA_WITH_NESTED: u32 = 1;
    QGA_NESTING_MAX: usize = 1024;
    QGA_COMMANDS_MAX: usize = 64;
    QGA_NAME_MAX: usize = 96;
    QGA_ARGS_MAX: usize = 6;
    QGA_ECHO_MAX: usize = 1023;
    QGA_PARK_MIN: usize = 256;
    QGA_STEP_MAX: usize = 512;
    QGA_FILES_MAX: usize = 16;
    QGA_JOBS_MAX: usize = 8;
    QGA_DONE: qga_status = 0;
    QGA_MORE: qga_status = 1;
    QGA_FAIL: qga_status = 2;
    QGA_ARG_INT: u8 = 0;
    QGA_ARG_UINT: u8 = 1;
    QGA_ARG_BOOL: u8 = 2;
    QGA_ARG_STR: u8 = 3;
    QGA_ARG_ENUM: u8 = 4;
    QGA_ARG_LIST: u8 = 5;
    QGA_ARG_STRUCT: u8 = 6;
    QGA_ARG_ALT_INT_ENUM: u8 = 7;
    QGA_ARG_ALT_BOOL_ENUM: u8 = 8;
    QGA_ARG_TYPES: u8 = 9;
    QGA_NO_RESPONSE: u8 = 1;
    QGA_WHEN_FROZEN: u8 = 2;
    QGA_DELIMITED: u8 = 4;
    QGA_OUT_CHAR_MAX: usize = 12;
    QGA_HOST_OPEN: c_uint = 1;
    QGA_HOST_CLOSE: c_uint = 2;
    QGA_AGAIN: c_uint = 4;
    QGA_CLOSING: c_uint = 8;
    QGA_UNSEEN: c_uint = 16;
    QGA_REQUEST_MIN: usize = 64;
    QGA_REQUEST_MAX: usize = 256 << 20;
    QGA_TOKENS_MIN: usize = 8;
    QGA_TOKEN_SIZE: usize = 6 * size_of::<c_int>();
    QGA_FAULT_NULL: c_int = -1;
    QGA_FAULT_REQUEST: c_int = -2;
    QGA_FAULT_TOKENS: c_int = -3;
    QGA_FAULT_COMMANDS: c_int = -4;
    QGA_FAULT_BUILD: c_int = -5;
    QGA_FAULT_ALIGNMENT: c_int = -6;
    QGA_FAULT_VERSION: c_int = -7;
    QGA_FAULT_NAME: c_int = -8;
    QGA_FAULT_DUPLICATE: c_int = -9;
    QGA_FAULT_RUN: c_int = -10;
    QGA_FAULT_ARGS: c_int = -11;
    QGA_FAULT_ARG: c_int = -12;
    QGA_FAULT_NESTING: c_int = -13;
    QGA_FAULT_ENV: c_int = -14;
    QGA_FAULT_CLOCK: c_int = -15;
    QGA_FAULT_JOBS: c_int = -16;
    QGA_FAULT_STREAM: c_int = -17;
    QGA_IDLE: u64 = u64::MAX;
    QGA_SIZE: usize = size_of::<qga_call>()
        + QGA_STEP_MAX
        + QGA_COMMANDS_MAX / 8
        + QGA_FILES_MAX * 32 + 8
        + QGA_JOBS_MAX * (80 + 14 * POINTER) + 16
        + 16
        + 16 + POINTER
        + 4 * (16 + 2 * POINTER) + QGA_NESTING_MAX / 4
        + 192 + 30 * POINTER;
    /// So a library whose structs have another size on this processor is refused by [`qga_init`](crate::qga_init).
    QGA_BUILD: u32 = mixed(&[
        BAREQGA_VERSION_MAJOR,
        BAREQGA_VERSION_MINOR,
        QGA_STEP_MAX as u32,
        QGA_ARGS_MAX as u32,
        QGA_COMMANDS_MAX as u32,
        QGA_NESTING_MAX as u32,
        QGA_ECHO_MAX as u32,
        QGA_PARK_MIN as u32,
        QGA_FILES_MAX as u32,
        QGA_JOBS_MAX as u32,
        QGA_TINY | QGA_SMALL << 1 | QGA_WITH_TIME << 2 | QGA_WITH_INVENTORY << 3 | QGA_WITH_FILES << 4 | QGA_WITH_EXEC << 5
            | QGA_WITH_FREEZE << 6 | QGA_WITH_HOOKS << 7 | QGA_WITH_NESTED << 8 | QGA_WITH_LINE << 9 | QGA_WITH_OWN << 10,
        size_of::<qga>() as u32,
        size_of::<qga_config>() as u32,
        QGA_NAME_MAX as u32,
        size_of::<qga_status>() as u32,
    ]);
}

const POINTER: usize = size_of::<*const c_void>();

/// `QGA_MIX`, of one after the other.
const fn mixed(values: &[u32]) -> u32 {
    let mut hash = 2166136261;
    let mut i = 0;
    while i < values.len() {
        hash = (hash ^ values[i]).wrapping_mul(16777619);
        i += 1;
    }
    hash
}

/// What is behind the type of an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub union qga_arg_of {
    /// Of an enum: NULL-ended.
    pub names: *const *const c_char,
    /// Of a list: the row of an item.
    pub item: *const qga_arg,
    /// Of an object: rows.
    pub members: *const qga_arg,
}

/// The value of an argument; which one is said by its row, and by `type` where it is an alternate.
#[repr(C)]
#[derive(Clone, Copy)]
pub union qga_value_of {
    /// `QGA_ARG_INT`, and the index of `QGA_ARG_ENUM`.
    pub i: i64,
    /// `QGA_ARG_UINT`
    pub u: u64,
    /// `QGA_ARG_BOOL`
    pub b: bool,
    /// `QGA_ARG_STR`
    pub s: qga_span,
}

/// A handler's own memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub union qga_scratch {
    /// How large it is.
    pub words: [u64; 5],
    /// How it is aligned.
    pub pointer: *mut c_void,
}

/// The inside of an agent.
#[repr(C)]
#[derive(Clone, Copy)]
pub union qga_opaque {
    /// How it is aligned.
    pub align: u64,
    /// Likewise.
    pub pointer: *mut c_void,
    /// How large it is.
    pub bytes: [u8; QGA_SIZE],
}

structs! {
    /// One argument; a row whose name is NULL ends them.
    struct qga_arg {
        name: *const c_char,
        r#type: u8,
        optional: bool,
        of: qga_arg_of,
    }
    /// A piece of memory.
    struct qga_span {
        ptr: *mut c_char,
        len: usize,
    }
    /// A checked argument.
    struct qga_value {
        present: bool,
        r#type: u8,
        token: c_int,
        of: qga_value_of,
    }
    /// What a command needs of the world.
    struct qga_need {
        group: u8,
        member: u8,
        size: u8,
    }
    /// A command.
    struct qga_command {
        name: *const c_char,
        run: Option<unsafe extern "C" fn(call: *mut qga_call) -> qga_status>,
        args: *const qga_arg,
        needs: qga_need,
        flags: u8,
        context: *mut c_void,
    }
    /// A command that is being answered.
    struct qga_call {
        command: *const qga_command,
        env: *const qga_env,
        out: *mut qga_out,
        arg: [qga_value; QGA_ARGS_MAX],
        step: u32,
        cursor: usize,
        scratch: qga_scratch,
    }
    /// Where an answer goes.
    struct qga_out {
        buf: *mut c_char,
        cap: usize,
        len: usize,
        comma: bool,
        full: bool,
    }
    /// What a transport can do.
    struct qga_channel_ops {
        rx_get: Option<unsafe extern "C" fn(channel: *mut qga_channel, data: *mut *const u8) -> usize>,
        rx_put: Option<unsafe extern "C" fn(channel: *mut qga_channel, n: usize)>,
        tx_get: Option<unsafe extern "C" fn(channel: *mut qga_channel, buf: *mut *mut u8) -> usize>,
        tx_put: Option<unsafe extern "C" fn(channel: *mut qga_channel, n: usize)>,
        tx_flush: Option<unsafe extern "C" fn(channel: *mut qga_channel)>,
        poll: Option<unsafe extern "C" fn(channel: *mut qga_channel) -> c_uint>,
        tx_busy: Option<unsafe extern "C" fn(channel: *mut qga_channel) -> usize>,
        open: Option<unsafe extern "C" fn(channel: *mut qga_channel)>,
        close: Option<unsafe extern "C" fn(channel: *mut qga_channel)>,
        interrupt: Option<unsafe extern "C" fn(channel: *mut qga_channel)>,
    }
    /// A transport.
    struct qga_channel {
        ops: *const qga_channel_ops,
    }
    /// Two callbacks that make a channel, and more that may be there.
    struct qga_stream_config {
        context: *mut c_void,
        read: Option<unsafe extern "C" fn(context: *mut c_void, buf: *mut c_void, size: usize) -> usize>,
        write: Option<unsafe extern "C" fn(context: *mut c_void, data: *const c_void, len: usize) -> usize>,
        events: Option<unsafe extern "C" fn(context: *mut c_void) -> c_uint>,
        busy: Option<unsafe extern "C" fn(context: *mut c_void) -> usize>,
        open: Option<unsafe extern "C" fn(context: *mut c_void)>,
        close: Option<unsafe extern "C" fn(context: *mut c_void)>,
        interrupt: Option<unsafe extern "C" fn(context: *mut c_void)>,
        rx: *mut c_void,
        tx: *mut c_void,
        rx_size: usize,
        tx_size: usize,
    }
    /// A channel made of them.
    struct qga_stream {
        channel: qga_channel,
        config: *const qga_stream_config,
        rx_at: usize,
        rx_len: usize,
        tx_at: usize,
        tx_len: usize,
    }
    /// What an agent is built from.
    struct qga_config {
        env: *const qga_env,
        version: *const c_char,
        channel: *mut qga_channel,
        torso_ns: u64,
        commands: *const qga_command,
        n_commands: usize,
        allow_rpcs: *const c_char,
        block_rpcs: *const c_char,
        request: *mut c_char,
        request_size: usize,
        tokens: *mut c_void,
        tokens_size: usize,
        jobs: *mut c_void,
        jobs_size: usize,
    }
    /// An agent.
    struct qga {
        opaque: qga_opaque,
    }
}
