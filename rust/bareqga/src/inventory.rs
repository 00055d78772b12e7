// SPDX-License-Identifier: MIT
use core::ptr;

use bareqga_sys as sys;

use crate::world::Context;
use crate::{Errno, Name, NoUnwind};

/// File systems to quiesce, `guest-fsfreeze-*`.
pub trait Freeze {
    /// They are thawed by themselves after so many nanoseconds; 0: never. It needs a [`Clock`](crate::Clock).
    const WATCHDOG_NS: u64 = 0;
    /// Freezes the one that is mounted there, or all; returns how many that froze. An error names what has failed.
    fn freeze(&self, mountpoint: Option<&[u8]>) -> Result<u32, (Errno, Name)>;
    /// Thaws all; returns how many were frozen.
    fn thaw(&self) -> Result<u32, Errno>;
}

/// A mounted file system. Names are of plain ASCII, up to 46 bytes.
#[derive(Clone, Copy)]
pub struct FileSystem {
    /// What it is on: `vda`
    pub name: Name,
    /// Where it is mounted: `/`
    pub mountpoint: Name,
    /// `ext4`
    pub kind: Name,
    /// Bytes in use, and all that there are; where that is known.
    pub usage: Option<(u64, u64)>,
}

/// What the guest tells of itself.
pub trait Inventory {
    /// As `uname -m` says. Without it there is no `guest-get-osinfo`.
    const MACHINE: Option<Name> = None;
    /// As `uname -r`.
    const KERNEL_RELEASE: Option<Name> = None;
    /// As `uname -v`.
    const KERNEL_VERSION: Option<Name> = None;
    /// Is there a [`load`](Inventory::load)?
    const LOAD: bool = false;
    /// Is there a [`file_system`](Inventory::file_system)?
    const FILE_SYSTEMS: bool = false;
    /// For `guest-get-host-name`.
    fn host_name(&self) -> Option<Name> {
        None
    }
    /// Text of an os-release file, for `guest-get-osinfo`.
    fn os_release(&self) -> Option<Name> {
        None
    }
    /// How many processors were busy in the last 1, 5 and 15 minutes, in hundredths.
    fn load(&self) -> Result<[i64; 3], Errno> {
        Err(Errno::ENOSYS)
    }
    /// The one of that index, counted from 0; `None` behind the last.
    fn file_system(&self, _index: usize) -> Option<FileSystem> {
        None
    }
}

fn count(result: Result<u32, Errno>) -> sys::c_int {
    match result {
        Ok(n) => sys::c_int::try_from(n).unwrap_or(sys::c_int::MAX),
        Err(errno) => errno.number(),
    }
}

unsafe extern "C" fn freeze<F: Freeze>(context: Context, at: *const u8, len: usize, path: *mut *const u8) -> sys::c_int {
    NoUnwind::around(|| {
        // SAFETY: the context is the F that outlives the agent, here and below; C gives a path or NULL, and room for one.
        let mountpoint = match len {
            _ if at.is_null() => None,
            0 => Some(&[][..]),
            _ => Some(unsafe { core::slice::from_raw_parts(at, len) }),
        };
        count(unsafe { &*(context as *const F) }.freeze(mountpoint).map_err(|(errno, name)| {
            unsafe { *path = name.as_ptr() };
            errno
        }))
    })
}

unsafe extern "C" fn thaw<F: Freeze>(context: Context) -> sys::c_int {
    NoUnwind::around(|| count(unsafe { &*(context as *const F) }.thaw()))
}

pub(crate) fn freezer<F: Freeze>(freezer: &F) -> sys::qga_freeze {
    sys::qga_freeze {
        context: freezer as *const F as Context,
        freeze: Some(freeze::<F>),
        thaw: Some(thaw::<F>),
        trim: None,
        watchdog_ns: F::WATCHDOG_NS,
    }
}

fn text(name: Option<Name>) -> *const u8 {
    name.map_or(ptr::null(), Name::as_ptr)
}

unsafe extern "C" fn host_name<I: Inventory>(context: Context) -> *const u8 {
    NoUnwind::around(|| text(unsafe { &*(context as *const I) }.host_name()))
}

unsafe extern "C" fn os_release<I: Inventory>(context: Context) -> *const u8 {
    NoUnwind::around(|| text(unsafe { &*(context as *const I) }.os_release()))
}

unsafe extern "C" fn load<I: Inventory>(context: Context, to: *mut sys::qga_load) -> sys::c_int {
    NoUnwind::around(|| match unsafe { &*(context as *const I) }.load() {
        Ok([load1m, load5m, load15m]) => {
            unsafe { *to = sys::qga_load { load1m, load5m, load15m } };
            0
        }
        Err(errno) => errno.number(),
    })
}

unsafe extern "C" fn file_system<I: Inventory>(context: Context, index: usize, item: *mut sys::qga_filesystem) -> sys::c_int {
    NoUnwind::around(|| match unsafe { &*(context as *const I) }.file_system(index) {
        Some(found) => {
            let (used_bytes, total_bytes) = found.usage.unwrap_or((0, 0));
            let filled = sys::qga_filesystem {
                name: found.name.as_ptr(),
                mountpoint: found.mountpoint.as_ptr(),
                r#type: found.kind.as_ptr(),
                has_usage: found.usage.is_some(),
                used_bytes,
                total_bytes,
                privileged_bytes: 0,
            };
            unsafe { *item = filled };
            1
        }
        None => 0,
    })
}

pub(crate) fn inventory<I: Inventory>(inventory: &I) -> sys::qga_inventory {
    sys::qga_inventory {
        context: inventory as *const I as Context,
        host_name: Some(host_name::<I>),
        os_release: Some(os_release::<I>),
        machine: text(I::MACHINE),
        kernel_release: text(I::KERNEL_RELEASE),
        kernel_version: text(I::KERNEL_VERSION),
        memory_block_size: 0,
        vcpu: None,
        set_vcpu: None,
        cpustat: None,
        load: if I::LOAD { Some(load::<I>) } else { None },
        memory_block: None,
        interface: None,
        route: None,
        disk: None,
        filesystem: if I::FILE_SYSTEMS { Some(file_system::<I>) } else { None },
        has_users: false,
    }
}
