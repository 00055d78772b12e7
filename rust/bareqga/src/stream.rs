// SPDX-License-Identifier: MIT
use core::slice;

use bareqga_sys as sys;

use crate::NoUnwind;

/// Whether a client of the host came or went, since that was last asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// One is there.
    pub opened: bool,
    /// It has gone.
    pub closed: bool,
}

/// A byte stream to the host: a ring, a serial line, a socket. Nothing may block.
pub trait Stream {
    /// Puts what came into `buf`, as much as fits; returns how many bytes, 0 if there are none now.
    fn read(&mut self, buf: &mut [u8]) -> usize;
    /// Sends what it can of `data`; returns how many bytes. The rest comes again when the server runs.
    fn write(&mut self, data: &[u8]) -> usize;
    /// Who came and went; a client's end only when [`read`](Stream::read) has given all that came before it.
    fn events(&mut self) -> Events {
        Events::default()
    }
    /// Bytes that were taken and have not left yet; before the power goes they are waited for.
    fn busy(&mut self) -> usize {
        0
    }
    /// The host may send now.
    fn open(&mut self) {}
    /// The end, before the power goes.
    fn close(&mut self) {}
}

type Context = *mut sys::c_void;

unsafe extern "C" fn read<S: Stream>(context: Context, buf: *mut sys::c_void, size: usize) -> usize {
    // SAFETY: the context is the S that the server has borrowed, here and below; the buffer is that of a Memory, so it is
    // initialised, and nobody looks at it meanwhile.
    let buf = unsafe { slice::from_raw_parts_mut(buf as *mut u8, size) };
    NoUnwind::around(|| unsafe { &mut *(context as *mut S) }.read(buf)).min(size)
}

unsafe extern "C" fn write<S: Stream>(context: Context, data: *const sys::c_void, len: usize) -> usize {
    let data = unsafe { slice::from_raw_parts(data as *const u8, len) };
    NoUnwind::around(|| unsafe { &mut *(context as *mut S) }.write(data)).min(len)
}

unsafe extern "C" fn events<S: Stream>(context: Context) -> sys::c_uint {
    let e = NoUnwind::around(|| unsafe { &mut *(context as *mut S) }.events());
    (if e.opened { sys::QGA_HOST_OPEN } else { 0 }) | (if e.closed { sys::QGA_HOST_CLOSE } else { 0 })
}

unsafe extern "C" fn busy<S: Stream>(context: Context) -> usize {
    NoUnwind::around(|| unsafe { &mut *(context as *mut S) }.busy())
}

unsafe extern "C" fn open<S: Stream>(context: Context) {
    NoUnwind::around(|| unsafe { &mut *(context as *mut S) }.open())
}

unsafe extern "C" fn close<S: Stream>(context: Context) {
    NoUnwind::around(|| unsafe { &mut *(context as *mut S) }.close())
}

/// The callbacks of a stream, with memory each way.
pub(crate) fn line<S: Stream>(stream: *mut S, rx: *mut u8, tx: *mut u8, size: usize) -> sys::qga_stream_config {
    sys::qga_stream_config {
        context: stream as Context,
        read: Some(read::<S>),
        write: Some(write::<S>),
        events: Some(events::<S>),
        busy: Some(busy::<S>),
        open: Some(open::<S>),
        close: Some(close::<S>),
        // It may come beside any of the others, so it has no place here: an Interrupter wakes the server.
        interrupt: None,
        rx: rx as *mut sys::c_void,
        tx: tx as *mut sys::c_void,
        rx_size: size,
        tx_size: size,
    }
}
