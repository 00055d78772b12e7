// SPDX-License-Identifier: MIT
//! An agent on one end of a socket pair.
//!
//!     cargo run --example socketpair          # the other end is here as well: prints what is said
//!     cargo run --example socketpair -- -     # the agent's end is standard input: whoever has the other one asks
//!
//! Everything but `Socket::wait`, which lends the processor to others, would be the same in a kernel.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, io, thread};

use bareqga::{name, Arg, Call, Clock, Command, Errno, Events, Kind, Memory, Next, Outcome, Server, Setup, Step, Stream};

/// A socket that does not block, and what came while it was waited for.
struct Socket {
    socket: UnixStream,
    held: Vec<u8>,
    ended: bool,
}

impl Stream for Socket {
    fn read(&mut self, buf: &mut [u8]) -> usize {
        if !self.held.is_empty() {
            let n = self.held.len().min(buf.len());
            buf[..n].copy_from_slice(&self.held[..n]);
            self.held.drain(..n);
            return n;
        }
        match self.socket.read(buf) {
            Ok(0) => {
                self.ended = true;
                0
            }
            Ok(n) => n,
            Err(_) => 0,
        }
    }

    fn write(&mut self, data: &[u8]) -> usize {
        self.socket.write(data).unwrap_or(0)
    }

    fn events(&mut self) -> Events {
        Events { opened: false, closed: self.ended }
    }
}

impl Socket {
    fn new(socket: UnixStream) -> io::Result<Socket> {
        socket.set_nonblocking(true)?;
        Ok(Socket { socket, held: Vec::new(), ended: false })
    }

    /// Until bytes come, or `limit`: where a kernel would wait for an interrupt.
    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let mut buf = [0; 512];

        self.socket.set_nonblocking(false)?;
        self.socket.set_read_timeout(limit)?;
        match self.socket.read(&mut buf) {
            Ok(0) => self.ended = true,
            Ok(n) => self.held.extend_from_slice(&buf[..n]),
            Err(_) => {} // in time: nothing came
        }
        self.socket.set_nonblocking(true)
    }
}

struct Machine(Instant);

impl Clock for Machine {
    fn get(&self) -> Result<i64, Errno> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Errno::EIO)?;
        i64::try_from(now.as_nanos()).map_err(|_| Errno::EIO)
    }

    fn monotonic(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}

const WORK: [Arg; 3] = [Arg::new(name!("units"), Kind::Int), Arg::new(name!("label"), Kind::Text).optional(), Arg::END];

/// Serves until the other end is closed.
fn serve(socket: UnixStream) -> io::Result<()> {
    let queued = Cell::new(0);
    let work = |call: &mut Call<'_>| -> Outcome {
        let units = call.int(0).unwrap_or(0);
        if units < 0 {
            return Err(call.fail_with("cannot queue ", units, " units"));
        }
        queued.set(queued.get() + units as u64);
        let label = call.text(1).unwrap_or("none");
        call.out().object().key(name!("queued")).uint(queued.get()).key(name!("label")).text(label).object_end();
        Ok(Step::Done)
    };
    let commands = [Command::new(name!("kernel-work"), &WORK, &work)];
    let clock = Machine(Instant::now());
    let mut memory = Memory::<4096, 256, 512>::new();
    let mut socket = Socket::new(socket)?;
    let setup = Setup::new(name!("1.0")).commands(&commands).clock(&clock);
    let mut server = Server::new(&mut memory, setup, &mut socket).expect("the setup is right");

    loop {
        let next = server.run();
        if server.stream().ended {
            return Ok(());
        }
        match next {
            Next::Now => {}
            Next::Within(ns) => server.stream().wait(Some(Duration::from_nanos(ns.max(1_000_000))))?,
            Next::Event => server.stream().wait(None)?,
        }
    }
}

/// Asks, and prints what comes.
fn ask(socket: &mut BufReader<UnixStream>, request: &str) -> io::Result<String> {
    let mut answer = String::new();

    println!("{request}");
    socket.get_mut().write_all(request.as_bytes())?;
    socket.read_line(&mut answer)?;
    print!("    {answer}");
    Ok(answer)
}

/// As one begins: what came before is over for the agent behind 0xFF, and for the client before the 0xFF of the answer.
fn synchronise(socket: &mut BufReader<UnixStream>) -> io::Result<String> {
    socket.get_mut().write_all(b"\xff")?;
    println!("\\xff");
    let request = "{\"execute\": \"guest-sync-delimited\", \"arguments\": {\"id\": 42}}";
    socket.get_mut().write_all(request.as_bytes())?;
    println!("{request}");
    socket.read_until(0xFF, &mut Vec::new())?;
    let mut answer = String::new();
    socket.read_line(&mut answer)?;
    print!("    \\xff{answer}");
    Ok(answer)
}

fn main() -> io::Result<()> {
    if env::args().nth(1).as_deref() == Some("-") {
        return serve(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?));
    }
    let (ours, theirs) = UnixStream::pair()?;
    let agent = thread::spawn(|| serve(theirs));
    let mut ours = BufReader::new(ours);

    ours.get_ref().set_read_timeout(Some(Duration::from_secs(20)))?;
    assert_eq!(synchronise(&mut ours)?, "{\"return\": 42}\n");
    assert_eq!(ask(&mut ours, "{\"execute\": \"guest-ping\"}")?, "{\"return\": {}}\n");
    let queued = ask(&mut ours, "{\"execute\": \"kernel-work\", \"arguments\": {\"units\": 3, \"label\": \"é\"}}")?;
    assert_eq!(queued, "{\"return\": {\"queued\": 3, \"label\": \"\\u00E9\"}}\n");
    let refused = ask(&mut ours, "{\"execute\": \"kernel-work\", \"arguments\": {\"units\": -1}}")?;
    assert!(refused.contains("\"desc\": \"cannot queue -1 units\""));
    drop(ours);
    agent.join().expect("the agent does not panic")
}
