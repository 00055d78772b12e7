// SPDX-License-Identifier: MIT
#![doc = include_str!("../README.md")]
#![no_std]
#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod agent;
mod command;
mod exec;
mod files;
mod inventory;
mod memory;
mod name;
mod out;
mod stream;
mod world;

pub use agent::{Agent, Fault, Interrupter, Next, Server, Setup};
pub use command::{Arg, Call, Command, Failed, Kind, Outcome, Step};
pub use exec::{Job, Program, Progress};
pub use files::{Files, OpenFlags};
pub use inventory::{FileSystem, Freeze, Inventory};
pub use memory::Memory;
pub use name::Name;
pub use out::Out;
pub use stream::{Events, Stream};
pub use world::{Clock, Errno, Power, PowerMode};

/// The bindings, for what this layer leaves out.
pub use bareqga_sys as sys;

/// A panic must not reach C. Armed while a callback runs: to panic during a panic ends the program, with `std` or without.
struct NoUnwind;

impl NoUnwind {
    fn around<R>(body: impl FnOnce() -> R) -> R {
        let armed = NoUnwind;
        let result = body();
        core::mem::forget(armed);
        result
    }
}

impl Drop for NoUnwind {
    fn drop(&mut self) {
        panic!("a callback of bareqga has panicked");
    }
}
