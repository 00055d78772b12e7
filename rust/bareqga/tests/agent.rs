// SPDX-License-Identifier: MIT
//! The safe layer, with the bytes moved by hand: steps, errors, types of arguments, what a setup may be.

use std::cell::{Cell, RefCell};

use bareqga::{
    name, Agent, Arg, Call, Clock, Command, Errno, Events, Kind, Memory, Next, Outcome, Power, PowerMode, Server, Setup, Step,
    Stream,
};

type Small = Memory<1024, 64, 0>;

/// All that is answered, `cap` bytes at a time.
fn converse(agent: &mut Agent<'_>, mut request: &[u8], cap: usize) -> String {
    let (mut answer, mut buf) = (Vec::new(), vec![0; cap]);
    while !request.is_empty() || agent.pending() {
        request = &request[agent.feed(request)..];
        while agent.pending() {
            let n = agent.pull(&mut buf);
            answer.extend_from_slice(&buf[..n]);
        }
    }
    String::from_utf8(answer).unwrap()
}

fn execute(agent: &mut Agent<'_>, command: &str, arguments: &str) -> String {
    converse(agent, format!("{{\"execute\": \"{command}\", \"arguments\": {{{arguments}}}}}\n").as_bytes(), 4096)
}

#[test]
fn an_empty_setup_knows_the_least() {
    let mut memory = Small::new();
    let mut agent = Agent::new(&mut memory, Setup::new(name!("9.8"))).unwrap();
    assert_eq!(execute(&mut agent, "guest-ping", ""), "{\"return\": {}}\n");
    assert!(execute(&mut agent, "guest-info", "").contains("\"version\": \"9.8\""));
    assert!(execute(&mut agent, "guest-get-time", "").contains("CommandNotFound"));
    assert_eq!(agent.feed(b""), 0);
    assert_eq!(agent.pull(&mut []), 0);
    agent.feed(b"{\"execute\": \"gue");
    agent.host_closed();
    assert_eq!(execute(&mut agent, "guest-sync", "\"id\": 7"), "{\"return\": 7}\n");
}

#[test]
fn long_answers_pass_through_any_buffer() {
    let long = "a\u{e9}\u{1F600}\"\\".repeat(500);
    let count = |call: &mut Call<'_>| -> Outcome {
        let [begun, next, ..] = *call.scratch();
        if begun == 0 {
            call.out().list();
        }
        call.scratch()[0] = 1;
        for i in next..3000 {
            if call.out().room() < 64 {
                call.scratch()[1] = i;
                return Ok(Step::More);
            }
            call.out().uint(i);
        }
        call.scratch()[1] = 3000;
        if !call.text_part(&long) {
            return Ok(Step::More);
        }
        call.out().list_end();
        Ok(Step::Done)
    };
    let commands = [Command::new(name!("test-count"), &[], &count)];
    let answers: Vec<_> = [1, 7, 600, 1 << 16]
        .iter()
        .map(|&cap| {
            let mut memory = Small::new();
            let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).commands(&commands)).unwrap();
            converse(&mut agent, b"{\"execute\": \"test-count\"}", cap)
        })
        .collect();
    assert!(answers[0].starts_with("{\"return\": [0, 1, 2, ") && answers[0].ends_with("\"]}\n"));
    assert_eq!(answers[0].matches("a\\u00E9\\uD83D\\uDE00\\\"\\\\").count(), 500);
    assert!(answers.iter().all(|a| *a == answers[0]));
}

#[test]
fn arguments_have_the_type_they_are_declared_with() {
    const ARGS: [Arg; 5] = [
        Arg::new(name!("i"), Kind::Int).optional(),
        Arg::new(name!("u"), Kind::Uint).optional(),
        Arg::new(name!("b"), Kind::Bool).optional(),
        Arg::new(name!("s"), Kind::Text).optional(),
        Arg::END,
    ];
    let seen = RefCell::new(Vec::new());
    let look = |call: &mut Call<'_>| -> Outcome {
        for i in 0..9 {
            let text = call.text(i).map(str::to_owned);
            seen.borrow_mut().push((call.int(i), call.uint(i), call.bool(i), text));
        }
        Ok(Step::Done)
    };
    let commands = [Command::new(name!("test-look"), &ARGS, &look)];
    let mut memory = Small::new();
    let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).commands(&commands)).unwrap();
    execute(&mut agent, "test-look", "\"i\": -5, \"u\": 18446744073709551615, \"b\": true, \"s\": \"x\\ny\"");
    execute(&mut agent, "test-look", "\"s\": \"\"");
    let mut want = vec![(None, None, None, None); 18];
    want[0].0 = Some(-5);
    want[1].1 = Some(u64::MAX);
    want[2].2 = Some(true);
    want[3].3 = Some("x\ny".to_owned());
    want[9 + 3].3 = Some(String::new());
    assert_eq!(*seen.borrow(), want);
    assert!(execute(&mut agent, "test-look", "\"i\": true").contains("Invalid parameter type for 'i'"));
}

#[test]
fn an_error_says_what_was_said() {
    const ARGS: [Arg; 2] = [Arg::new(name!("why"), Kind::Text), Arg::END];
    let said = |call: &mut Call<'_>| -> Outcome {
        let failed = match (call.text(0), call.bytes(0)) {
            (Some(why), _) => call.fail(why),
            (None, Some(bytes)) => call.fail_with("no text, ", bytes.len() as i64, " bytes"),
            (None, None) => call.fail("not there"),
        };
        call.scratch().fill(u64::MAX);
        Err(failed)
    };
    let hidden = |call: &mut Call<'_>| -> Outcome {
        call.fail_with("100% of ", i64::MIN, " %d");
        Ok(Step::More)
    };
    let kept = RefCell::new(None);
    let elsewhere = |_: &mut Call<'_>| -> Outcome { kept.take().map_or(Ok(Step::Done), Err) };
    let keeps = |call: &mut Call<'_>| -> Outcome {
        *kept.borrow_mut() = Some(call.fail("one"));
        Ok(Step::Done)
    };
    let commands = [
        Command::new(name!("test-said"), &ARGS, &said),
        Command::new(name!("test-hidden"), &[], &hidden),
        Command::new(name!("test-keeps"), &[], &keeps),
        Command::new(name!("test-elsewhere"), &[], &elsewhere).when_frozen(),
    ];
    let mut memory = Small::new();
    let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).commands(&commands)).unwrap();
    let desc = |text: &str| format!("{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"{text}\"}}}}\n");
    assert_eq!(execute(&mut agent, "test-said", "\"why\": \"a %s of\\tit\""), desc("a %s of\\tit"));
    // A NUL comes as QEMU stores it, in two bytes that are no text.
    assert_eq!(execute(&mut agent, "test-said", "\"why\": \"\\u0000\""), desc("no text, 2 bytes"));
    assert_eq!(execute(&mut agent, "test-hidden", ""), desc("100% of -9223372036854775808 %d"));
    assert_eq!(execute(&mut agent, "test-keeps", ""), desc("one"));
    assert_eq!(execute(&mut agent, "test-elsewhere", ""), desc("the command has failed"));
    assert_eq!(execute(&mut agent, "test-elsewhere", ""), "{\"return\": {}}\n");
}

#[test]
fn a_wrong_setup_is_named() {
    let nothing = |_: &mut Call<'_>| -> Outcome { Ok(Step::Done) };
    let twice = [Command::new(name!("a"), &[], &nothing), Command::new(name!("a"), &[], &nothing)];
    let mut memory = Small::new();
    let fault = Agent::new(&mut memory, Setup::new(name!("1")).commands(&twice)).err().unwrap();
    assert_eq!(fault.to_string(), "two commands of the application, or two arguments of one of them, have the same name");
    let mut few = Memory::<16, 64, 0>::new();
    let fault = Agent::new(&mut few, Setup::new(name!("1"))).err().unwrap();
    assert_eq!(fault.number(), bareqga::sys::QGA_FAULT_REQUEST);
    assert!(Agent::new(&mut Small::new(), Setup::new(name!("1")).block_rpcs(name!("guest-ping"))).is_ok());
}

/// Bytes in, bytes out; takes a byte at a time, and claims more than it did.
#[derive(Default)]
struct Liar {
    input: Vec<u8>,
    output: Vec<u8>,
    open: bool,
}

impl Stream for Liar {
    fn read(&mut self, buf: &mut [u8]) -> usize {
        let n = self.input.len().min(buf.len());
        buf[..n].copy_from_slice(&self.input.drain(..n).collect::<Vec<_>>());
        if n == buf.len() {
            usize::MAX
        } else {
            n
        }
    }

    fn write(&mut self, data: &[u8]) -> usize {
        self.output.extend_from_slice(&data[..1]);
        if data.len() == 1 {
            usize::MAX
        } else {
            1
        }
    }

    fn events(&mut self) -> Events {
        Events::default()
    }

    fn open(&mut self) {
        self.open = true;
    }

    fn close(&mut self) {
        self.open = false;
    }
}

struct Machine {
    now: Cell<u64>,
    ended: Cell<Option<PowerMode>>,
}

impl Clock for Machine {
    const SETS: bool = true;
    fn get(&self) -> Result<i64, Errno> {
        Err(Errno::EBUSY)
    }
    fn set(&self, ns: i64) -> Result<(), Errno> {
        self.now.set(ns as u64);
        Ok(())
    }
    fn monotonic(&self) -> u64 {
        self.now.set(self.now.get() + 1_000_000);
        self.now.get()
    }
}

impl Power for Machine {
    fn shutdown(&self, mode: PowerMode) -> Result<(), Errno> {
        if mode == PowerMode::Halt {
            Err(Errno::ENOSYS)
        } else {
            Ok(())
        }
    }
    fn drain(&self, _mode: PowerMode) -> bool {
        self.now.get() > 50_000_000
    }
    fn off(&self, mode: PowerMode) {
        self.ended.set(Some(mode));
    }
}

#[test]
fn a_server_serves_wakes_and_ends() {
    let machine = Machine { now: Cell::new(0), ended: Cell::new(None) };
    let mut line = Liar::default();
    let mut memory = Memory::<1024, 64, 16>::new();
    let setup = Setup::new(name!("1")).clock(&machine).power(&machine);
    let mut server = Server::new(&mut memory, setup, &mut line).unwrap();
    assert!(!server.answered());
    server.run();
    assert!(server.stream().open);

    server.stream().input.extend_from_slice(b"{\"execute\": \"guest-get-time\"} {\"execute\": \"guest-ping\"}");
    while server.run() == Next::Now {}
    assert!(server.answered() && server.idle());
    let text = String::from_utf8(std::mem::take(&mut server.stream().output)).unwrap();
    assert!(text.contains("Failed to get time") && text.ends_with("\n{\"return\": {}}\n"), "{text}");

    let waker = server.interrupter();
    std::thread::scope(|s| {
        s.spawn(move || waker.interrupt());
    });
    assert!(!server.idle());
    assert_eq!(server.run(), Next::Event);
    assert!(server.idle());

    server.stream().input.extend_from_slice(b"{\"execute\": \"guest-shutdown\", \"arguments\": {\"mode\": \"reboot\"}}");
    while machine.ended.get().is_none() {
        server.run();
    }
    assert_eq!(machine.ended.get(), Some(PowerMode::Reboot));
    assert!(!server.stream().open);
    assert!(machine.now.get() > 50_000_000);
}

/// A panic does not go through C: the program ends. This test starts itself again to see that.
#[test]
fn a_panic_ends_the_program() {
    if std::env::var_os("BAREQGA_PANICS").is_some() {
        let panics = |_: &mut Call<'_>| -> Outcome { panic!("of a handler") };
        let commands = [Command::new(name!("test-panics"), &[], &panics)];
        let mut memory = Small::new();
        let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).commands(&commands)).unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| execute(&mut agent, "test-panics", "")));
        println!("went through: {}", caught.is_err());
        return;
    }
    let this = std::env::current_exe().unwrap();
    let done = std::process::Command::new(this)
        .args(["--exact", "a_panic_ends_the_program", "--nocapture"])
        .env("BAREQGA_PANICS", "1")
        .output()
        .unwrap();
    let said = [String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)].concat();
    assert!(!done.status.success() && done.status.code().is_none(), "{said}");
    assert!(said.contains("of a handler") && !said.contains("went through"), "{said}");
}
