// SPDX-License-Identifier: MIT
use core::marker::PhantomData;
use core::{fmt, ptr, slice, str};

use bareqga_sys as sys;

use crate::exec::{self, Programs};
use crate::memory::TOKEN;
use crate::{files, inventory, stream, world};
use crate::{Clock, Command, Files, Freeze, Inventory, Memory, Name, Power, Program, Stream};

/// What is wrong with a setup; it can be displayed as a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fault(sys::c_int);

impl Fault {
    /// The number, `QGA_FAULT_...` of the bindings.
    pub fn number(self) -> i32 {
        self.0
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: a NUL-ended string for ever.
        let text = unsafe {
            let start = sys::qga_strerror(self.0);
            let len = (0..).take_while(|&i| *start.add(i) != 0).count();
            slice::from_raw_parts(start, len)
        };
        f.write_str(str::from_utf8(text).unwrap_or("?"))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an agent can do. What is not said is not offered: an empty one knows ping, sync and info.
pub struct Setup<'s> {
    version: Name,
    commands: &'s [Command<'s>],
    clock: Option<sys::qga_clock>,
    power: Option<sys::qga_power>,
    inventory: Option<sys::qga_inventory>,
    files: Option<sys::qga_files>,
    programs: Option<Programs>,
    jobs: (*mut sys::c_void, usize),
    freeze: Option<sys::qga_freeze>,
    allow: Option<Name>,
    block: Option<Name>,
}

impl<'s> Setup<'s> {
    /// With the version that `guest-info` tells.
    pub const fn new(version: Name) -> Self {
        Setup {
            version,
            commands: &[],
            clock: None,
            power: None,
            inventory: None,
            files: None,
            programs: None,
            jobs: (ptr::null_mut(), 0),
            freeze: None,
            allow: None,
            block: None,
        }
    }

    /// Own commands.
    pub fn commands(self, commands: &'s [Command<'s>]) -> Self {
        Setup { commands, ..self }
    }

    /// Clocks: `guest-get-time`, and `guest-set-time` if [`Clock::SETS`].
    pub fn clock<C: Clock>(self, clock: &'s C) -> Self {
        Setup { clock: Some(world::clock(clock)), ..self }
    }

    /// Switching off: `guest-shutdown`.
    pub fn power<P: Power>(self, power: &'s P) -> Self {
        Setup { power: Some(world::power(power)), ..self }
    }

    /// What the guest tells of itself: `guest-get-host-name`, `guest-get-osinfo`, `guest-get-load`, `guest-get-fsinfo`.
    pub fn inventory<I: Inventory>(self, inventory: &'s I) -> Self {
        Setup { inventory: Some(inventory::inventory(inventory)), ..self }
    }

    /// Files: `guest-file-open` and its likes.
    pub fn files<F: Files>(self, files: &'s F) -> Self {
        Setup { files: Some(files::files(files)), ..self }
    }

    /// Programs of `guest-exec`. `jobs` is memory in 8 equal parts: each holds what one program was given, and its output
    /// until the host has fetched it.
    pub fn programs(self, programs: &'s [Program<'s>], jobs: &'s mut [u8]) -> Self {
        Setup { programs: Some(Programs::new(programs)), jobs: exec::aligned(jobs), ..self }
    }

    /// Freezing: `guest-fsfreeze-freeze` and its likes.
    pub fn freeze<F: Freeze>(self, freeze: &'s F) -> Self {
        Setup { freeze: Some(inventory::freezer(freeze)), ..self }
    }

    /// The only commands that are allowed, with commas between them.
    pub fn allow_rpcs(self, list: Name) -> Self {
        Setup { allow: Some(list), ..self }
    }

    /// Commands that are not.
    pub fn block_rpcs(self, list: Name) -> Self {
        Setup { block: Some(list), ..self }
    }

    /// Fills the memory; a channel is prepared already.
    ///
    /// # Safety
    /// `memory` is somebody's for `'s`, and is used by nobody else until that has ended; so is the channel.
    unsafe fn apply<const R: usize, const T: usize, const B: usize>(
        self,
        memory: *mut Memory<R, T, B>,
        channel: *mut sys::qga_channel,
    ) -> Result<*mut sys::qga, Fault> {
        fn text(name: Option<Name>) -> *const u8 {
            name.map_or(ptr::null(), Name::as_ptr)
        }
        // SAFETY: places in the memory, each written before C sees it.
        unsafe {
            let state = ptr::addr_of_mut!((*memory).state);
            let clock = self.clock.map_or(ptr::null(), |c| (*state).clock.write(c) as *const _);
            let power = self.power.map_or(ptr::null(), |p| (*state).power.write(p) as *const _);
            let inventory = self.inventory.map_or(ptr::null(), |i| (*state).inventory.write(i) as *const _);
            let files = self.files.map_or(ptr::null(), |f| (*state).files.write(f) as *const _);
            let programs = self.programs.map_or(ptr::null(), |p| (*state).programs.write(p) as *const _);
            let exec = self.programs.map_or(ptr::null(), |_| (*state).exec.write(exec::exec(programs)) as *const _);
            let freeze = self.freeze.map_or(ptr::null(), |f| (*state).freeze.write(f) as *const _);
            let env = (*state).env.write(sys::qga_env { clock, power, inventory, files, exec, freeze });
            let config: *const sys::qga_config = (*state).config.write(sys::qga_config {
                env,
                version: self.version.as_ptr(),
                channel,
                torso_ns: 0,
                commands: if self.commands.is_empty() { ptr::null() } else { self.commands.as_ptr() as *const _ },
                n_commands: self.commands.len(),
                allow_rpcs: text(self.allow),
                block_rpcs: text(self.block),
                request: ptr::addr_of_mut!((*memory).request) as *mut u8,
                request_size: R,
                tokens: ptr::addr_of_mut!((*memory).tokens) as *mut sys::c_void,
                tokens_size: T * TOKEN * core::mem::size_of::<sys::c_int>(),
                jobs: self.jobs.0,
                jobs_size: self.jobs.1,
            });
            let agent = (*state).agent.as_mut_ptr();
            match sys::qga_init(agent, config) {
                0 => Ok(agent),
                fault => Err(Fault(fault)),
            }
        }
    }
}

/// An agent whose bytes you move: what came is fed, what is pending is pulled.
pub struct Agent<'s> {
    raw: *mut sys::qga,
    memory: PhantomData<&'s mut ()>,
}

// SAFETY of all below: raw is an agent that was prepared, in memory that is borrowed for 's; its callbacks cannot reach it.
impl<'s> Agent<'s> {
    /// One in that memory, which stays where it is as long as the agent lives.
    pub fn new<const R: usize, const T: usize, const B: usize>(
        memory: &'s mut Memory<R, T, B>,
        setup: Setup<'s>,
    ) -> Result<Self, Fault> {
        // SAFETY: the borrow.
        let raw = unsafe { setup.apply(memory, ptr::null_mut())? };
        Ok(Agent { raw, memory: PhantomData })
    }

    /// Takes bytes that the host sent; returns how many: fewer only while an answer waits to be pulled.
    pub fn feed(&mut self, data: &[u8]) -> usize {
        if data.is_empty() {
            return 0;
        }
        unsafe { sys::qga_feed(self.raw, data.as_ptr() as *const sys::c_void, data.len()) }
    }

    /// Is there something to pull?
    pub fn pending(&self) -> bool {
        unsafe { sys::qga_pending(self.raw) }
    }

    /// The next bytes for the host; returns how many.
    pub fn pull(&mut self, buf: &mut [u8]) -> usize {
        if buf.is_empty() {
            return 0;
        }
        unsafe { sys::qga_pull(self.raw, buf.as_mut_ptr() as *mut sys::c_void, buf.len()) }
    }

    /// Goes on with what runs beside requests: programs, and the watchdog of freezing. Returns when it wants to be called again.
    pub fn poll(&mut self) -> Next {
        Next::from(unsafe { sys::qga_poll(self.raw) })
    }

    /// The host's client has gone: half a request and the rest of an answer are forgotten.
    pub fn host_closed(&mut self) {
        unsafe { sys::qga_host_closed(self.raw) }
    }
}

/// How long one may sleep if nothing happens meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Not at all: run again at once.
    Now,
    /// So many nanoseconds at most.
    Within(u64),
    /// Until something happens.
    Event,
}

impl Next {
    fn from(ns: u64) -> Next {
        match ns {
            0 => Next::Now,
            sys::QGA_IDLE => Next::Event,
            ns => Next::Within(ns),
        }
    }
}

/// An agent on a stream: it takes requests and writes answers by itself.
pub struct Server<'s, S> {
    raw: *mut sys::qga,
    stream: *mut S,
    memory: PhantomData<&'s mut S>,
}

impl<'s, S: Stream> Server<'s, S> {
    /// One in that memory, on that stream, which are its own as long as it lives.
    pub fn new<const R: usize, const T: usize, const B: usize>(
        memory: &'s mut Memory<R, T, B>,
        setup: Setup<'s>,
        stream: &'s mut S,
    ) -> Result<Self, Fault> {
        let (memory, stream): (*mut _, *mut S) = (memory, stream);
        // SAFETY: the borrows.
        let raw = unsafe {
            let state = ptr::addr_of_mut!((*memory).state);
            let (rx, tx) = (ptr::addr_of_mut!((*memory).rx), ptr::addr_of_mut!((*memory).tx));
            let line: *const _ = (*state).line.write(stream::line(stream, rx as *mut u8, tx as *mut u8, B));
            let channel = (*state).stream.as_mut_ptr();
            match sys::qga_stream_init(channel, line) {
                0 => setup.apply(memory, ptr::addr_of_mut!((*channel).channel))?,
                fault => return Err(Fault(fault)),
            }
        };
        Ok(Server { raw, stream, memory: PhantomData })
    }

    /// Does what there is to do now, in bounded pieces. The first time, it opens the stream.
    pub fn run(&mut self) -> Next {
        Next::from(unsafe { sys::qga_run(self.raw) })
    }

    /// Did nothing happen since [`run`](Server::run) last began to look? Ask it with interrupts off, before sleeping.
    pub fn idle(&self) -> bool {
        unsafe { sys::qga_idle(self.raw) }
    }

    /// Was a first answer handed to the stream?
    pub fn answered(&self) -> bool {
        unsafe { sys::qga_answered(self.raw) }
    }

    /// The stream, between two runs.
    pub fn stream(&mut self) -> &mut S {
        unsafe { &mut *self.stream }
    }

    /// What an interrupt handler, or another thread, wakes this with.
    pub fn interrupter(&self) -> Interrupter<'s> {
        Interrupter { raw: self.raw, memory: PhantomData }
    }
}

/// Tells a [`Server`] that something happened; from anywhere, at any time.
#[derive(Clone, Copy)]
pub struct Interrupter<'s> {
    raw: *mut sys::qga,
    memory: PhantomData<&'s ()>,
}

// SAFETY: qga_interrupt() may be called beside any other function (bareqga.h, 6). The stream, which may not, has no part in it.
unsafe impl Send for Interrupter<'_> {}
// SAFETY: likewise.
unsafe impl Sync for Interrupter<'_> {}

impl Interrupter<'_> {
    /// The next [`Server::idle`] is false.
    pub fn interrupt(&self) {
        unsafe { sys::qga_interrupt(self.raw) }
    }
}
