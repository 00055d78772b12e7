// SPDX-License-Identifier: MIT
use core::marker::PhantomData;

use bareqga_sys as sys;

use crate::Name;

/// Where the value of `"return"` goes: JSON as `qemu-ga` writes it, with commas by itself. Each function gives it back, to
/// go on. What does not fit is not written, and the command fails; [`room`](Out::room) says what fits.
pub struct Out<'o> {
    raw: *mut sys::qga_out,
    call: PhantomData<&'o mut sys::qga_out>,
}

macro_rules! writes {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) = $c:ident($($value:expr),*);)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, $($arg: $type),*) -> &mut Self {
            // SAFETY: the writer is the call's while this is borrowed from that; texts are read before it returns.
            unsafe { sys::$c(self.raw, $($value),*) };
            self
        }
    )*};
}

impl<'o> Out<'o> {
    /// # Safety
    /// `raw` is a writer for the time of `'o`, and nobody else's.
    pub(crate) unsafe fn new(raw: *mut sys::qga_out) -> Self {
        Out { raw, call: PhantomData }
    }

    /// Bytes that fit. At the start of a step at least 512 do (`QGA_STEP_MAX`).
    pub fn room(&self) -> usize {
        // SAFETY: as above.
        unsafe { (*self.raw).cap - (*self.raw).len }
    }

    writes! {
        /// `{`
        object() = qga_out_object();
        /// `}`
        object_end() = qga_out_object_end();
        /// `[`
        list() = qga_out_list();
        /// `]`
        list_end() = qga_out_list_end();
        /// `"name": `, of a member whose value comes next.
        key(name: Name) = qga_out_key(name.as_ptr());
        /// A number.
        int(value: i64) = qga_out_int(value);
        /// A number.
        uint(value: u64) = qga_out_uint(value);
        /// `true` or `false`
        bool(value: bool) = qga_out_bool(value);
        /// A string: up to 6 bytes for each character, 12 outside of the basic plane. Longer ones than there is room for
        /// are written in steps, by [`Call::text_part`](crate::Call::text_part).
        text(value: &str) = qga_out_strn(value.as_ptr(), value.len());
    }
}
