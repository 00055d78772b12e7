// SPDX-License-Identifier: MIT
use core::marker::PhantomData;
use core::mem::size_of;
use core::{ptr, slice, str};

use bareqga_sys as sys;

use crate::{Name, NoUnwind, Out};

/// What an argument has to be; what is not is refused before a handler is called.
#[derive(Clone, Copy)]
pub enum Kind {
    /// An integer, of 64 bits with a sign.
    Int,
    /// One without; negative ones wrap, as they do for `qemu-ga`.
    Uint,
    /// `true` or `false`
    Bool,
    /// A string.
    Text,
}

/// An argument of a command; the last row of them is [`Arg::END`].
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Arg(sys::qga_arg);

// SAFETY: it is a constant that points to constants.
unsafe impl Sync for Arg {}
// SAFETY: likewise.
unsafe impl Send for Arg {}

const NOTHING: sys::qga_arg_of = sys::qga_arg_of { names: ptr::null() };

impl Arg {
    /// The row behind the last argument.
    pub const END: Arg = Arg(sys::qga_arg { name: ptr::null(), r#type: sys::QGA_ARG_TYPES, optional: false, of: NOTHING });

    /// An argument that must be there.
    pub const fn new(name: Name, kind: Kind) -> Arg {
        let r#type = match kind {
            Kind::Int => sys::QGA_ARG_INT,
            Kind::Uint => sys::QGA_ARG_UINT,
            Kind::Bool => sys::QGA_ARG_BOOL,
            Kind::Text => sys::QGA_ARG_STR,
        };
        Arg(sys::qga_arg { name: name.as_ptr(), r#type, optional: false, of: NOTHING })
    }

    /// It may be left out.
    pub const fn optional(self) -> Arg {
        Arg(sys::qga_arg { optional: true, ..self.0 })
    }
}

/// What a handler's step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The answer is complete; where nothing was written it is `{}`.
    Done,
    /// The handler is to be called again when there is room.
    More,
}

/// A command that fails; [`Call::fail`] makes it.
#[derive(Debug)]
pub struct Failed(());

/// What a handler returns.
pub type Outcome = Result<Step, Failed>;

/// A command of the application: a name, arguments, and a function that answers.
#[repr(transparent)]
pub struct Command<'a> {
    raw: sys::qga_command,
    handler: PhantomData<&'a ()>,
}

impl<'a> Command<'a> {
    /// One that is answered by a function or a closure, which may be called as long as `'a`. One with the name of a built-in
    /// command is there where that is not.
    ///
    /// # Panics
    /// If there are arguments and the last is not [`Arg::END`].
    pub const fn new<H>(name: Name, args: &'a [Arg], handler: &'a H) -> Self
    where
        H: Fn(&mut Call<'_>) -> Outcome,
    {
        assert!(args.is_empty() || args[args.len() - 1].0.r#type == sys::QGA_ARG_TYPES, "the last argument must be Arg::END");
        Command {
            raw: sys::qga_command {
                name: name.as_ptr(),
                run: Some(run::<H>),
                args: if args.is_empty() { ptr::null() } else { args.as_ptr() as *const sys::qga_arg },
                needs: sys::qga_need { group: 0, member: 0, size: 0 },
                flags: 0,
                context: handler as *const H as *mut sys::c_void,
            },
            handler: PhantomData,
        }
    }

    /// It is allowed while the file systems are frozen.
    pub const fn when_frozen(self) -> Self {
        self.flag(sys::QGA_WHEN_FROZEN)
    }

    /// There is no answer to it but an error.
    pub const fn no_response(self) -> Self {
        self.flag(sys::QGA_NO_RESPONSE)
    }

    const fn flag(self, flag: u8) -> Self {
        let flags = self.raw.flags | flag;
        Command { raw: sys::qga_command { flags, ..self.raw }, handler: PhantomData }
    }
}

unsafe extern "C" fn run<H>(raw: *mut sys::qga_call) -> sys::qga_status
where
    H: Fn(&mut Call<'_>) -> Outcome,
{
    NoUnwind::around(|| {
        let mut call = Call { raw, failed: false, spare: [0; 5], request: PhantomData };
        // SAFETY: the row is that of a Command, whose context is an H that outlives it.
        let handler = unsafe { &*((*(*raw).command).context as *const H) };

        match handler(&mut call) {
            Err(Failed(())) if !call.failed => {
                call.fail("the command has failed");
                sys::QGA_FAIL
            }
            _ if call.failed => sys::QGA_FAIL,
            Ok(Step::More) => sys::QGA_MORE,
            _ => sys::QGA_DONE,
        }
    })
}

/// A command that is being answered; what is borrowed from the request for `'c` ends with it.
pub struct Call<'c> {
    raw: *mut sys::qga_call,
    failed: bool,
    spare: [u64; 5],
    request: PhantomData<&'c [u8]>,
}

/// What an error's text is made of, in the scratch memory: it has to stay until the answer is written.
#[repr(C)]
struct Kept {
    before: sys::qga_span,
    after: sys::qga_span,
    number: i64,
}
const _: () = assert!(size_of::<Kept>() <= size_of::<sys::qga_scratch>());

fn span(text: &str) -> sys::qga_span {
    sys::qga_span { ptr: text.as_ptr() as *mut u8, len: text.len() }
}

impl<'c> Call<'c> {
    /// An argument that was given, if it is declared as one of that type.
    fn arg(&self, index: usize, kind: u8) -> Option<&sys::qga_value_of> {
        // SAFETY: the call is C's until the handler returns; rows end with END, as Command::new() has checked.
        unsafe {
            let rows = (*(*self.raw).command).args;
            if rows.is_null() || index >= sys::QGA_ARGS_MAX || (0..=index).any(|i| (*rows.add(i)).name.is_null()) {
                return None;
            }
            let value = &(*self.raw).arg[index];
            ((*rows.add(index)).r#type == kind && value.present).then_some(&value.of)
        }
    }

    /// Argument `index`, counted from 0, of [`Kind::Int`]; `None` if it was left out, or is none of that kind.
    pub fn int(&self, index: usize) -> Option<i64> {
        // SAFETY: its type says which member is there; so below.
        self.arg(index, sys::QGA_ARG_INT).map(|v| unsafe { v.i })
    }

    /// Likewise, of [`Kind::Uint`].
    pub fn uint(&self, index: usize) -> Option<u64> {
        self.arg(index, sys::QGA_ARG_UINT).map(|v| unsafe { v.u })
    }

    /// Likewise, of [`Kind::Bool`].
    pub fn bool(&self, index: usize) -> Option<bool> {
        self.arg(index, sys::QGA_ARG_BOOL).map(|v| unsafe { v.b })
    }

    /// Likewise, of [`Kind::Text`]: the request's own bytes.
    pub fn bytes(&self, index: usize) -> Option<&'c [u8]> {
        let s = self.arg(index, sys::QGA_ARG_STR).map(|v| unsafe { v.s })?;
        // SAFETY: a span of the request, which stays as it is until the call has ended.
        Some(if s.len == 0 { &[] } else { unsafe { slice::from_raw_parts(s.ptr, s.len) } })
    }

    /// Likewise, as text; `None` if there is a NUL in it, which QEMU's agent stores in two bytes that are no UTF-8.
    pub fn text(&self, index: usize) -> Option<&'c str> {
        str::from_utf8(self.bytes(index)?).ok()
    }

    /// Where the answer goes.
    pub fn out(&mut self) -> Out<'_> {
        // SAFETY: this borrows the call, whose writer it is.
        unsafe { Out::new((*self.raw).out) }
    }

    /// Memory that stays from step to step of one call, and starts as zeros.
    pub fn scratch(&mut self) -> &mut [u64; 5] {
        if self.failed {
            return &mut self.spare;
        }
        // SAFETY: any bytes are numbers.
        unsafe { &mut (*self.raw).scratch.words }
    }

    /// Writes as much of a string as there is room for; true when all of it is. Until then return [`Step::More`] and call
    /// it with the same text in the next step.
    pub fn text_part(&mut self, text: &str) -> bool {
        // SAFETY: as for out(); a cursor behind the end of another text than before ends the string.
        unsafe {
            let raw = self.raw;
            let done = sys::qga_out_str_part((*raw).out, text.as_ptr(), text.len(), ptr::addr_of_mut!((*raw).cursor));
            if done {
                (*raw).cursor = 0;
            }
            done
        }
    }

    /// Why the command fails: an error of class GenericError. Before anything is written. A step in which it was called
    /// fails, whatever it returns.
    pub fn fail(&mut self, text: &'c str) -> Failed {
        self.raise(b"%S\0", text, 0, "")
    }

    /// Likewise, with a number in the midst of the text.
    pub fn fail_with(&mut self, before: &'c str, number: i64, after: &'c str) -> Failed {
        self.raise(b"%S%d%S\0", before, number, after)
    }

    fn raise(&mut self, format: &'static [u8], before: &'c str, number: i64, after: &'c str) -> Failed {
        self.failed = true;
        // SAFETY: the texts outlive the call, for it is not known how long 'c is; the rest is in the call itself. Values
        // that a format does not name are not looked at.
        unsafe {
            let kept = ptr::addr_of_mut!((*self.raw).scratch) as *mut Kept;
            kept.write(Kept { before: span(before), after: span(after), number });
            if format.len() == b"%S\0".len() {
                sys::qga_error(self.raw, format.as_ptr(), ptr::addr_of!((*kept).before));
            } else {
                sys::qga_error(
                    self.raw,
                    format.as_ptr(),
                    ptr::addr_of!((*kept).before),
                    ptr::addr_of!((*kept).number),
                    ptr::addr_of!((*kept).after),
                );
            }
        }
        Failed(())
    }
}
