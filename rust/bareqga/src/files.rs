// SPDX-License-Identifier: MIT
use core::slice;

use bareqga_sys as sys;

use crate::world::{status, Context};
use crate::{Errno, NoUnwind};

/// How a file is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFlags(sys::c_uint);

impl OpenFlags {
    /// It is going to be read.
    pub fn read(self) -> bool {
        self.0 & sys::QGA_OPEN_READ != 0
    }
    /// It is going to be written.
    pub fn write(self) -> bool {
        self.0 & sys::QGA_OPEN_WRITE != 0
    }
    /// One that is not there is made.
    pub fn create(self) -> bool {
        self.0 & sys::QGA_OPEN_CREATE != 0
    }
    /// One that is there is emptied.
    pub fn truncate(self) -> bool {
        self.0 & sys::QGA_OPEN_TRUNCATE != 0
    }
}

/// The storage behind `guest-file-open` and its likes. The agent keeps handles and positions; a file that is open is a number
/// of your choice here, and up to 16 are.
pub trait Files {
    /// Finds a file, makes it, empties it. A path is bytes: the host's.
    fn open(&self, path: &[u8], flags: OpenFlags) -> Result<usize, Errno>;
    /// The end of one that was opened.
    fn close(&self, _file: usize) {}
    /// How many bytes it has now.
    fn size(&self, file: usize) -> Result<u64, Errno>;
    /// Fills `buf` with what is at `offset`, as much as there is; returns how many bytes, 0 at the end.
    fn read(&self, file: usize, offset: u64, buf: &mut [u8]) -> Result<usize, Errno>;
    /// Stores at `offset`, growing the file; returns how many bytes were stored. Where nothing is written, [`open`](Files::open)
    /// refuses it.
    fn write(&self, _file: usize, _offset: u64, _data: &[u8]) -> Result<usize, Errno> {
        Err(Errno::EROFS)
    }
    /// Makes what was written durable.
    fn flush(&self, _file: usize) -> Result<(), Errno> {
        Ok(())
    }
}

fn count(result: Result<usize, Errno>, most: usize) -> i64 {
    match result {
        Ok(n) => n.min(most) as i64,
        Err(errno) => i64::from(errno.number()),
    }
}

unsafe extern "C" fn open<F: Files>(
    context: Context,
    path: *const u8,
    len: usize,
    flags: sys::c_uint,
    file: *mut *mut sys::c_void,
) -> sys::c_int {
    // SAFETY: the context is the F that outlives the agent, here and below; C gives a path, and room for a pointer.
    NoUnwind::around(|| {
        let path = if len == 0 { &[][..] } else { unsafe { slice::from_raw_parts(path, len) } };
        match unsafe { &*(context as *const F) }.open(path, OpenFlags(flags)) {
            Ok(number) => {
                unsafe { *file = number as *mut sys::c_void };
                0
            }
            Err(errno) => errno.number(),
        }
    })
}

unsafe extern "C" fn close<F: Files>(context: Context, file: *mut sys::c_void) {
    NoUnwind::around(|| unsafe { &*(context as *const F) }.close(file as usize))
}

unsafe extern "C" fn size<F: Files>(context: Context, file: *mut sys::c_void, bytes: *mut u64) -> sys::c_int {
    NoUnwind::around(|| match unsafe { &*(context as *const F) }.size(file as usize) {
        Ok(n) => {
            unsafe { *bytes = n };
            0
        }
        Err(errno) => errno.number(),
    })
}

unsafe extern "C" fn read<F: Files>(
    context: Context,
    file: *mut sys::c_void,
    offset: u64,
    buf: *mut sys::c_void,
    len: usize,
) -> i64 {
    if len == 0 {
        return 0;
    }
    NoUnwind::around(|| {
        // SAFETY: memory of C, which nobody looks at meanwhile.
        let buf = unsafe { slice::from_raw_parts_mut(buf as *mut u8, len) };
        count(unsafe { &*(context as *const F) }.read(file as usize, offset, buf), len)
    })
}

unsafe extern "C" fn write<F: Files>(
    context: Context,
    file: *mut sys::c_void,
    offset: u64,
    data: *const sys::c_void,
    len: usize,
) -> i64 {
    NoUnwind::around(|| {
        let data = if len == 0 { &[][..] } else { unsafe { slice::from_raw_parts(data as *const u8, len) } };
        count(unsafe { &*(context as *const F) }.write(file as usize, offset, data), len)
    })
}

unsafe extern "C" fn flush<F: Files>(context: Context, file: *mut sys::c_void) -> sys::c_int {
    NoUnwind::around(|| status(unsafe { &*(context as *const F) }.flush(file as usize)))
}

pub(crate) fn files<F: Files>(files: &F) -> sys::qga_files {
    sys::qga_files {
        context: files as *const F as Context,
        open: Some(open::<F>),
        close: Some(close::<F>),
        size: Some(size::<F>),
        read: Some(read::<F>),
        write: Some(write::<F>),
        flush: Some(flush::<F>),
    }
}
