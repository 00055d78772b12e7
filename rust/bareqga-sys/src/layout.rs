// SPDX-License-Identifier: MIT
//! Structs and constants that can be compared with C's: a table is made of what is declared.

/// A struct: its name, size and alignment, and the names and offsets of its members.
pub struct Layout {
    /// As in C.
    pub name: &'static str,
    /// In bytes.
    pub size: usize,
    /// In bytes.
    pub align: usize,
    /// In the order of their declaration.
    pub members: [Option<(&'static str, usize)>; 24],
}

/// The name of a constant, and its value as C would convert it to a 64-bit number.
pub type Constant = (&'static str, i64);

macro_rules! structs {
    ($($(#[$doc:meta])* struct $name:ident { $($(#[$of:meta])* $member:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct $name {
                $(
                    #[doc = concat!("`", stringify!($member), "` of `", stringify!($name), "`")]
                    $(#[$of])*
                    pub $member: $type,
                )*
            }
        )*
        pub(crate) const LAYOUTS: &[fn() -> crate::layout::Layout] = &[$(|| {
            let place = core::mem::MaybeUninit::<$name>::uninit();
            let base = place.as_ptr();
            let mut members = [None; 24];
            let mut _n = 0;
            $(
                // SAFETY: the address of a member is computed, nothing is read.
                let offset = unsafe { core::ptr::addr_of!((*base).$member) } as usize - base as usize;
                members[_n] = Some((stringify!($member).trim_start_matches("r#"), offset));
                _n += 1;
            )*
            crate::layout::Layout {
                name: stringify!($name),
                size: core::mem::size_of::<$name>(),
                align: core::mem::align_of::<$name>(),
                members,
            }
        }),*];
    };
}

macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of `bareqga.h`")]
            $(#[$doc])*
            pub const $name: $type = $value;
        )*
        pub(crate) const CONSTANTS: &[crate::layout::Constant] = &[$((stringify!($name), $name as i64)),*];
    };
}

pub(crate) use {constants, structs};
