// SPDX-License-Identifier: MIT
use core::marker::PhantomData;
use core::{ptr, slice};

use bareqga_sys as sys;

use crate::world::Context;
use crate::NoUnwind;

/// What a program's step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is to be called again: at once, or as late as [`Job::wait`] said.
    Running,
    /// The end, with an exit status.
    Ended(u8),
}

/// A program of `guest-exec`: a path, and a function that is called until it has ended.
pub struct Program<'a> {
    path: &'a str,
    run: sys::qga_program,
    handler: *mut sys::c_void,
    life: PhantomData<&'a ()>,
}

impl<'a> Program<'a> {
    /// One that is found at exactly that path. Each call of the handler should be short: the agent answers between them.
    pub const fn new<H>(path: &'a str, handler: &'a H) -> Self
    where
        H: Fn(&mut Job<'_>) -> Progress,
    {
        Program { path, run: run::<H>, handler: handler as *const H as *mut sys::c_void, life: PhantomData }
    }
}

/// What a running program sees, for one call.
pub struct Job<'j> {
    raw: *mut sys::qga_job,
    call: PhantomData<&'j mut [u8]>,
}

/// Words of C, without the NULL at their end.
struct Words<'j> {
    at: *const *mut u8,
    call: PhantomData<&'j [u8]>,
}

impl<'j> Iterator for Words<'j> {
    type Item = &'j [u8];

    fn next(&mut self) -> Option<&'j [u8]> {
        // SAFETY: a list that ends with NULL, or none; its words end with NUL, and stay for the job's time.
        unsafe {
            if self.at.is_null() || (*self.at).is_null() {
                return None;
            }
            let word: *const u8 = *self.at;
            self.at = self.at.add(1);
            let len = (0..).take_while(|&i| *word.add(i) != 0).count();
            Some(slice::from_raw_parts(word, len))
        }
    }
}

// SAFETY of all below: the job is C's until the handler returns, and in nobody else's hands.
impl<'j> Job<'j> {
    /// Its words; the first is the path.
    pub fn args(&self) -> impl Iterator<Item = &'j [u8]> {
        Words { at: unsafe { (*self.raw).argv }, call: PhantomData }
    }

    /// Its environment, `NAME=value`.
    pub fn env(&self) -> impl Iterator<Item = &'j [u8]> {
        Words { at: unsafe { (*self.raw).env }, call: PhantomData }
    }

    /// All that its standard input gives.
    pub fn input(&self) -> &'j [u8] {
        unsafe {
            let (at, len) = ((*self.raw).input, (*self.raw).input_len);
            if len == 0 {
                &[]
            } else {
                slice::from_raw_parts(at, len)
            }
        }
    }

    /// Appends to its standard output; what does not fit is dropped, and the host told so.
    pub fn stdout(&mut self, data: &[u8]) {
        self.output(1, data)
    }

    /// Likewise to its standard error.
    pub fn stderr(&mut self, data: &[u8]) {
        self.output(2, data)
    }

    fn output(&mut self, stream: sys::c_int, data: &[u8]) {
        unsafe {
            if let (Some(output), false) = ((*self.raw).output, data.is_empty()) {
                output(self.raw, stream, data.as_ptr() as *const sys::c_void, data.len());
            }
        }
    }

    /// The next call comes only after so many nanoseconds. It needs a [`Clock`](crate::Clock).
    pub fn wait(&mut self, ns: u64) {
        unsafe { (*self.raw).wait_ns = ns }
    }

    /// The program's own memory from call to call; starts as zeros.
    pub fn state(&mut self) -> &mut [u64; 4] {
        unsafe { &mut (*self.raw).state }
    }
}

unsafe extern "C" fn run<H>(raw: *mut sys::qga_job) -> sys::c_int
where
    H: Fn(&mut Job<'_>) -> Progress,
{
    NoUnwind::around(|| {
        // SAFETY: the context is the handler that find() gave, which outlives the agent.
        let handler = unsafe { &*((*raw).context as *const H) };
        match handler(&mut Job { raw, call: PhantomData }) {
            Progress::Running => sys::QGA_RUNNING,
            Progress::Ended(status) => sys::c_int::from(status),
        }
    })
}

/// The list that find() looks into.
#[derive(Clone, Copy)]
pub(crate) struct Programs {
    first: *const (),
    n: usize,
}

impl Programs {
    pub(crate) fn new(list: &[Program<'_>]) -> Programs {
        Programs { first: list.as_ptr() as *const (), n: list.len() }
    }
}

unsafe extern "C" fn find(
    context: Context,
    path: *const u8,
    len: usize,
    program_context: *mut *mut sys::c_void,
) -> Option<sys::qga_program> {
    if len == 0 {
        return None;
    }
    // SAFETY: the context is the Programs in the agent's memory, whose list outlives the agent; C gives a path.
    unsafe {
        let programs = &*(context as *const Programs);
        let path = slice::from_raw_parts(path, len);
        let program = slice::from_raw_parts(programs.first as *const Program<'_>, programs.n)
            .iter()
            .find(|p| p.path.as_bytes() == path)?;
        *program_context = program.handler;
        Some(program.run)
    }
}

/// `programs` stays where it is as long as the agent lives.
pub(crate) fn exec(programs: *const Programs) -> sys::qga_exec {
    sys::qga_exec { context: programs as Context, find: Some(find) }
}

/// Memory for jobs as C wants it: aligned.
pub(crate) fn aligned(jobs: &mut [u8]) -> (*mut sys::c_void, usize) {
    let skip = jobs.as_ptr().align_offset(core::mem::align_of::<*mut ()>());
    match jobs.get_mut(skip..) {
        Some(rest) => (rest.as_mut_ptr() as *mut sys::c_void, rest.len()),
        None => (ptr::null_mut(), 0),
    }
}
