// SPDX-License-Identifier: MIT
//! `bareqga.h` in Rust: names, order and meaning are those of the header, which is where they are explained.
//!
//! Written by hand for the default configuration; `tests/layout.rs` compiles a C program that holds sizes,
//! offsets and constants against it, and [`qga_init`] refuses at run time a library that differs in the sizes of what is
//! shared. Of what is inline in C, a part is here: the rest is a line of Rust. The virtio drivers
//! (`bareqga_virtio.h`) are not here.
//!
//! Safe code is in the crate `bareqga`.

#![no_std]
#![allow(non_camel_case_types)]
#![deny(missing_docs)]

mod config;
mod env;
mod functions;
mod layout;

pub use config::*;
pub use env::*;
pub use functions::*;
#[doc(hidden)]
pub use layout::{Constant, Layout};

/// C's `void`, behind a pointer.
pub use core::ffi::c_void;
/// C's `char`: bytes, whatever its sign is there.
pub type c_char = u8;
/// C's `int`, and so an `enum`.
pub type c_int = i32;
/// C's `unsigned`.
pub type c_uint = u32;

/// All that tests/layout.rs compares: structs, and constants.
#[doc(hidden)]
pub fn layouts() -> [&'static [fn() -> Layout]; 2] {
    [env::LAYOUTS, config::LAYOUTS]
}

/// Likewise.
#[doc(hidden)]
pub const CONSTANTS: [&[Constant]; 2] = [env::CONSTANTS, config::CONSTANTS];
