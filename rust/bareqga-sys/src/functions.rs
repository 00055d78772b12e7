// SPDX-License-Identifier: MIT
//! The functions of `bareqga.h`, and its inline `qga_init()`.

use crate::*;

extern "C" {
    /// Raises an error; the format knows `%s`, `%S`, `%d` (pointers, all of them) and `%%`.
    pub fn qga_error(call: *mut qga_call, format: *const c_char, ...) -> qga_status;
    /// Writes an integer argument back.
    pub fn qga_echo(call: *mut qga_call, value: *const qga_value);
    /// Does a string that was given say `text`?
    pub fn qga_value_is(value: *const qga_value, text: *const c_char) -> bool;
    /// Walks a list argument.
    pub fn qga_list_next(
        call: *mut qga_call,
        list: *const qga_value,
        item: *const qga_arg,
        token: *mut c_int,
        values: *mut qga_value,
    ) -> bool;
    /// Writes text as it is.
    pub fn qga_out_raw(out: *mut qga_out, text: *const c_char, len: usize);
    /// Likewise, NUL-ended.
    pub fn qga_out_put(out: *mut qga_out, text: *const c_char);
    /// Begins an object.
    pub fn qga_out_object(out: *mut qga_out);
    /// Ends it.
    pub fn qga_out_object_end(out: *mut qga_out);
    /// Begins a list.
    pub fn qga_out_list(out: *mut qga_out);
    /// Ends it.
    pub fn qga_out_list_end(out: *mut qga_out);
    /// Writes the name of a member.
    pub fn qga_out_key(out: *mut qga_out, name: *const c_char);
    /// Writes a number.
    pub fn qga_out_int(out: *mut qga_out, value: i64);
    /// Writes a number.
    pub fn qga_out_uint(out: *mut qga_out, value: u64);
    /// Writes `value / 10^decimals`.
    pub fn qga_out_fixed(out: *mut qga_out, value: i64, decimals: c_uint);
    /// Writes `true` or `false`.
    pub fn qga_out_bool(out: *mut qga_out, value: bool);
    /// Writes a string.
    pub fn qga_out_str(out: *mut qga_out, text: *const c_char);
    /// Writes a string.
    pub fn qga_out_strn(out: *mut qga_out, text: *const c_char, len: usize);
    /// Writes the inside of a string.
    pub fn qga_out_text(out: *mut qga_out, text: *const c_char, len: usize, cursor: *mut usize) -> bool;
    /// Writes a string of any length, in portions.
    pub fn qga_out_str_part(out: *mut qga_out, text: *const c_char, len: usize, cursor: *mut usize) -> bool;
    /// Begins a string.
    pub fn qga_out_str_begin(out: *mut qga_out);
    /// Ends it.
    pub fn qga_out_str_end(out: *mut qga_out);
    /// Prepares a stream.
    pub fn qga_stream_init(stream: *mut qga_stream, config: *const qga_stream_config) -> c_int;
    /// A sentence for a fault.
    pub fn qga_strerror(fault: c_int) -> *const c_char;
    /// The version of the library.
    pub fn qga_library_version() -> *const c_char;
    /// `qga_init()`, for whoever was compiled with `build`.
    pub fn qga_init_build(qga: *mut qga, config: *const qga_config, build: u32) -> c_int;
    /// Does what there is to do now.
    pub fn qga_run(qga: *mut qga) -> u64;
    /// Something happened.
    pub fn qga_interrupt(qga: *mut qga);
    /// Did nothing happen?
    pub fn qga_idle(qga: *const qga) -> bool;
    /// Was there an answer yet?
    pub fn qga_answered(qga: *const qga) -> bool;
    /// Takes bytes of the host.
    pub fn qga_feed(qga: *mut qga, data: *const c_void, len: usize) -> usize;
    /// Is there something to pull?
    pub fn qga_pending(qga: *const qga) -> bool;
    /// Writes bytes for the host.
    pub fn qga_pull(qga: *mut qga, buf: *mut c_void, cap: usize) -> usize;
    /// The host has gone.
    pub fn qga_host_closed(qga: *mut qga);
    /// What runs beside requests.
    pub fn qga_poll(qga: *mut qga) -> u64;
}

/// Prepares an agent; 0, or a fault.
///
/// # Safety
/// As in C: `qga` is memory for an agent, which does not move while it is in use, and the configuration and all it
/// points to outlive that.
pub unsafe fn qga_init(qga: *mut qga, config: *const qga_config) -> c_int {
    qga_init_build(qga, config, QGA_BUILD)
}
