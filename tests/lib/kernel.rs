// SPDX-License-Identifier: MIT
//! Somebody's kernel in Rust, on the serial port of QEMU -M virt (RISC-V), polled: kernel.c's sibling.
#![no_std]
#![no_main]

use core::arch::global_asm;
use core::panic::PanicInfo;
use core::ptr::{addr_of_mut, read_volatile, write_volatile};
use core::sync::atomic::{AtomicU64, Ordering};

use bareqga::{name, Arg, Call, Clock, Command, Errno, Kind, Memory, Outcome, Power, PowerMode, Server, Setup, Step, Stream};

global_asm!(
    ".section .text.start, \"ax\"",
    ".globl _start",
    "_start:",
    "la sp, STACK + 32768",
    "call kernel",
);

#[no_mangle]
static mut STACK: Stack = Stack([0; 32768]);
#[repr(align(16))]
#[allow(dead_code)]
struct Stack([u8; 32768]);

/// QEMU, hw/riscv/virt.c: VIRT_UART0, a 16550, and VIRT_TEST.
const UART: *mut u8 = 0x1000_0000 as *mut u8;
const TEST: *mut u32 = 0x0010_0000 as *mut u32;

struct Uart;

impl Stream for Uart {
    fn read(&mut self, buf: &mut [u8]) -> usize {
        let mut n = 0;
        unsafe {
            while n < buf.len() && read_volatile(UART.add(5)) & 1 != 0 {
                buf[n] = read_volatile(UART);
                n += 1;
            }
        }
        n
    }

    fn write(&mut self, data: &[u8]) -> usize {
        for &byte in data {
            unsafe {
                while read_volatile(UART.add(5)) & 0x20 == 0 {}
                write_volatile(UART, byte);
            }
        }
        data.len()
    }
}

struct Machine;

impl Clock for Machine {
    fn get(&self) -> Result<i64, Errno> {
        Ok(1_000_000_000)
    }

    fn monotonic(&self) -> u64 {
        let ticks: u64;
        unsafe { core::arch::asm!("rdtime {}", out(reg) ticks) };
        ticks * 100 // of 10 MHz
    }
}

impl Power for Machine {
    fn shutdown(&self, mode: PowerMode) -> Result<(), Errno> {
        if mode == PowerMode::Powerdown {
            Ok(())
        } else {
            Err(Errno::ENOSYS)
        }
    }

    fn off(&self, _mode: PowerMode) {
        unsafe { write_volatile(TEST, 0x5555) };
    }
}

static QUEUED: AtomicU64 = AtomicU64::new(0);
static mut MEMORY: Memory<1024, 64, 64> = Memory::new();
const ARGS: [Arg; 2] = [Arg::new(name!("units"), Kind::Uint), Arg::END];

fn work(call: &mut Call<'_>) -> Outcome {
    let units = call.uint(0).unwrap_or(0);
    let queued = QUEUED.fetch_add(units, Ordering::Relaxed) + units;
    call.out().object().key(name!("queued")).uint(queued).object_end();
    Ok(Step::Done)
}

#[no_mangle]
extern "C" fn kernel() -> ! {
    let commands = [Command::new(name!("kernel-work"), &ARGS, &work)];
    let setup = Setup::new(name!("1.0")).commands(&commands).clock(&Machine).power(&Machine);
    let mut uart = Uart;
    // SAFETY: this runs once.
    let memory = unsafe { &mut *addr_of_mut!(MEMORY) };

    match Server::new(memory, setup, &mut uart) {
        Ok(mut server) => loop {
            server.run();
        },
        Err(fault) => panic!("{fault}"),
    }
}

#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    loop {}
}
