// SPDX-License-Identifier: MIT
use core::mem::MaybeUninit;

use bareqga_sys as sys;

use crate::exec::Programs;

/// All the memory of one agent: its state, `REQUEST` bytes for a request without its white space, `TOKENS` tokens (one for
/// each value, key and pair of brackets of a request), and `BUFFER` bytes each way for the stream of a
/// [`Server`](crate::Server); 0 for an [`Agent`](crate::Agent).
///
/// Nothing is allocated beside it. `docs/EMBEDDING.md`, "Memory", says what is enough: 4096 and 256 are much. It starts as
/// zeros, so a `static mut` of it takes no room in an image.
pub struct Memory<const REQUEST: usize, const TOKENS: usize, const BUFFER: usize> {
    pub(crate) state: State,
    pub(crate) request: [u8; REQUEST],
    pub(crate) tokens: [[sys::c_int; TOKEN]; TOKENS],
    pub(crate) rx: [u8; BUFFER],
    pub(crate) tx: [u8; BUFFER],
}

pub(crate) const TOKEN: usize = sys::QGA_TOKEN_SIZE / core::mem::size_of::<sys::c_int>();

/// What C keeps pointers to, so that it must not move while there is an agent: who has that has borrowed this.
pub(crate) struct State {
    pub agent: MaybeUninit<sys::qga>,
    pub config: MaybeUninit<sys::qga_config>,
    pub env: MaybeUninit<sys::qga_env>,
    pub clock: MaybeUninit<sys::qga_clock>,
    pub power: MaybeUninit<sys::qga_power>,
    pub inventory: MaybeUninit<sys::qga_inventory>,
    pub files: MaybeUninit<sys::qga_files>,
    pub exec: MaybeUninit<sys::qga_exec>,
    pub programs: MaybeUninit<Programs>,
    pub freeze: MaybeUninit<sys::qga_freeze>,
    pub stream: MaybeUninit<sys::qga_stream>,
    pub line: MaybeUninit<sys::qga_stream_config>,
}

// SAFETY: it is plain memory. What it points to is in use only through an agent, which is neither Send nor Sync.
unsafe impl<const R: usize, const T: usize, const B: usize> Send for Memory<R, T, B> {}

impl<const REQUEST: usize, const TOKENS: usize, const BUFFER: usize> Memory<REQUEST, TOKENS, BUFFER> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Memory {
            state: State {
                agent: MaybeUninit::uninit(),
                config: MaybeUninit::uninit(),
                env: MaybeUninit::uninit(),
                clock: MaybeUninit::uninit(),
                power: MaybeUninit::uninit(),
                inventory: MaybeUninit::uninit(),
                files: MaybeUninit::uninit(),
                exec: MaybeUninit::uninit(),
                programs: MaybeUninit::uninit(),
                freeze: MaybeUninit::uninit(),
                stream: MaybeUninit::uninit(),
                line: MaybeUninit::uninit(),
            },
            request: [0; REQUEST],
            tokens: [[0; TOKEN]; TOKENS],
            rx: [0; BUFFER],
            tx: [0; BUFFER],
        }
    }
}

impl<const REQUEST: usize, const TOKENS: usize, const BUFFER: usize> Default for Memory<REQUEST, TOKENS, BUFFER> {
    fn default() -> Self {
        Self::new()
    }
}
