// SPDX-License-Identifier: MIT
use bareqga_sys as sys;

use crate::NoUnwind;

/// Why something cannot be done, in the words of an errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(sys::c_int);

impl Errno {
    /// Operation not permitted
    pub const EPERM: Errno = Errno(sys::QGA_EPERM);
    /// No such file or directory
    pub const ENOENT: Errno = Errno(sys::QGA_ENOENT);
    /// Input/output error
    pub const EIO: Errno = Errno(sys::QGA_EIO);
    /// Resource temporarily unavailable
    pub const EAGAIN: Errno = Errno(sys::QGA_EAGAIN);
    /// Permission denied
    pub const EACCES: Errno = Errno(sys::QGA_EACCES);
    /// Device or resource busy
    pub const EBUSY: Errno = Errno(sys::QGA_EBUSY);
    /// Invalid argument
    pub const EINVAL: Errno = Errno(sys::QGA_EINVAL);
    /// File exists
    pub const EEXIST: Errno = Errno(sys::QGA_EEXIST);
    /// Is a directory
    pub const EISDIR: Errno = Errno(sys::QGA_EISDIR);
    /// No space left on device
    pub const ENOSPC: Errno = Errno(sys::QGA_ENOSPC);
    /// Read-only file system
    pub const EROFS: Errno = Errno(sys::QGA_EROFS);
    /// Function not implemented
    pub const ENOSYS: Errno = Errno(sys::QGA_ENOSYS);

    pub(crate) fn number(self) -> sys::c_int {
        self.0
    }
}

/// The clocks of the guest. They may be asked in the midst of any function of the agent, and must not block.
pub trait Clock {
    /// Is there a [`set`](Clock::set)? If not, `guest-set-time` is not offered.
    const SETS: bool = false;
    /// Nanoseconds since 1970-01-01 UTC.
    fn get(&self) -> Result<i64, Errno>;
    /// Sets that.
    fn set(&self, _ns: i64) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    /// Nanoseconds that only ever grow, from any start.
    fn monotonic(&self) -> u64;
}

/// How `guest-shutdown` is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerMode {
    /// Off.
    Powerdown,
    /// It stands still.
    Halt,
    /// It starts anew.
    Reboot,
}

/// Switching off. It needs a [`Clock`].
pub trait Power {
    /// For how long at most [`drain`](Power::drain) is asked, in ns.
    const DRAIN_NS: u64 = 10_000_000_000;
    /// What the host needs to notice that the channel has closed, in ns, before a power-down.
    const CLOSE_NS: u64 = 0;
    /// May the change be made? Returns at once.
    fn shutdown(&self, mode: PowerMode) -> Result<(), Errno>;
    /// Is the application ready for it? Asked every millisecond.
    fn drain(&self, _mode: PowerMode) -> bool {
        true
    }
    /// Makes the change; returns only if the machine did not obey. An [`Agent`](crate::Agent), which moves no bytes by
    /// itself, does not call it: whoever moves them carries the change out when nothing is pending.
    fn off(&self, mode: PowerMode);
}

pub(crate) fn status(result: Result<(), Errno>) -> sys::c_int {
    match result {
        Ok(()) => 0,
        Err(Errno(number)) => number,
    }
}

fn mode(mode: sys::qga_power_mode) -> PowerMode {
    match mode {
        sys::QGA_HALT => PowerMode::Halt,
        sys::QGA_REBOOT => PowerMode::Reboot,
        _ => PowerMode::Powerdown,
    }
}

pub(crate) type Context = *mut sys::c_void;

unsafe extern "C" fn get<C: Clock>(context: Context, ns: *mut i64) -> sys::c_int {
    // SAFETY: the context is the C that outlives the agent, here and below; C gives room for a number.
    NoUnwind::around(|| match unsafe { &*(context as *const C) }.get() {
        Ok(now) => {
            unsafe { *ns = now };
            0
        }
        Err(Errno(number)) => number,
    })
}

unsafe extern "C" fn set<C: Clock>(context: Context, ns: i64) -> sys::c_int {
    NoUnwind::around(|| status(unsafe { &*(context as *const C) }.set(ns)))
}

unsafe extern "C" fn monotonic<C: Clock>(context: Context) -> u64 {
    NoUnwind::around(|| unsafe { &*(context as *const C) }.monotonic())
}

pub(crate) fn clock<C: Clock>(clock: &C) -> sys::qga_clock {
    sys::qga_clock {
        context: clock as *const C as Context,
        get: Some(get::<C>),
        set: if C::SETS { Some(set::<C>) } else { None },
        reread: None,
        monotonic: Some(monotonic::<C>),
    }
}

unsafe extern "C" fn shutdown<P: Power>(context: Context, how: sys::qga_power_mode) -> sys::c_int {
    NoUnwind::around(|| status(unsafe { &*(context as *const P) }.shutdown(mode(how))))
}

unsafe extern "C" fn drain<P: Power>(context: Context, how: sys::qga_power_mode) -> bool {
    NoUnwind::around(|| unsafe { &*(context as *const P) }.drain(mode(how)))
}

unsafe extern "C" fn off<P: Power>(context: Context, how: sys::qga_power_mode) {
    NoUnwind::around(|| unsafe { &*(context as *const P) }.off(mode(how)))
}

pub(crate) fn power<P: Power>(power: &P) -> sys::qga_power {
    sys::qga_power {
        context: power as *const P as Context,
        shutdown: Some(shutdown::<P>),
        suspend: None,
        off: Some(off::<P>),
        drain: Some(drain::<P>),
        drain_ns: P::DRAIN_NS,
        close_ns: P::CLOSE_NS,
    }
}
