// SPDX-License-Identifier: MIT
//! The world behind the built-in commands, in safe code: files, programs, freezing, what the guest tells of itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use bareqga::{
    name, Agent, Clock, Errno, FileSystem, Files, Freeze, Inventory, Job, Memory, Name, Next, OpenFlags, Program, Progress,
    Setup,
};

type Small = Memory<4096, 64, 0>;

fn ask(agent: &mut Agent<'_>, command: &str, arguments: &str) -> String {
    let request = format!("{{\"execute\": \"{command}\", \"arguments\": {{{arguments}}}}}\n");
    let (mut request, mut answer, mut buf) = (request.as_bytes(), Vec::new(), [0; 700]);
    while !request.is_empty() || agent.pending() {
        request = &request[agent.feed(request)..];
        while agent.pending() {
            let n = agent.pull(&mut buf);
            answer.extend_from_slice(&buf[..n]);
        }
    }
    String::from_utf8(answer).unwrap()
}

fn value(agent: &mut Agent<'_>, command: &str, arguments: &str) -> String {
    let answer = ask(agent, command, arguments);
    let inner = answer.strip_prefix("{\"return\": ").and_then(|a| a.strip_suffix("}\n"));
    inner.unwrap_or_else(|| panic!("{command}: {answer}")).to_owned()
}

/// Files by their numbers; numbers stay theirs.
#[derive(Default)]
struct Disk {
    names: RefCell<Vec<Vec<u8>>>,
    data: RefCell<BTreeMap<usize, Vec<u8>>>,
    open: Cell<i32>,
}

impl Files for Disk {
    fn open(&self, path: &[u8], flags: OpenFlags) -> Result<usize, Errno> {
        let mut names = self.names.borrow_mut();
        let number = match names.iter().position(|n| n == path) {
            Some(number) => number,
            None if flags.create() => {
                names.push(path.to_vec());
                names.len() - 1
            }
            None => return Err(Errno::ENOENT),
        };
        let mut data = self.data.borrow_mut();
        let file = data.entry(number).or_default();
        if flags.truncate() && flags.write() {
            file.clear();
        }
        assert!(flags.read() || flags.write());
        self.open.set(self.open.get() + 1);
        Ok(number)
    }
    fn close(&self, _file: usize) {
        self.open.set(self.open.get() - 1);
    }
    fn size(&self, file: usize) -> Result<u64, Errno> {
        Ok(self.data.borrow()[&file].len() as u64)
    }
    fn read(&self, file: usize, offset: u64, buf: &mut [u8]) -> Result<usize, Errno> {
        let data = self.data.borrow();
        let rest = data[&file].get(offset as usize..).unwrap_or(&[]);
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
    fn write(&self, file: usize, offset: u64, more: &[u8]) -> Result<usize, Errno> {
        if offset > 100 {
            return Err(Errno::ENOSPC);
        }
        let mut data = self.data.borrow_mut();
        let file = data.get_mut(&file).ok_or(Errno::EIO)?;
        file.resize(file.len().max(offset as usize + more.len()), 0);
        file[offset as usize..][..more.len()].copy_from_slice(more);
        Ok(more.len())
    }
}

#[test]
fn files_are_written_and_read_back() {
    let disk = Disk::default();
    let mut memory = Small::new();
    let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).files(&disk)).unwrap();
    assert!(ask(&mut agent, "guest-file-open", "\"path\": \"/a\"").contains("'/a' (mode: 'r'): No such file or directory"));
    let handle = value(&mut agent, "guest-file-open", "\"path\": \"/a\", \"mode\": \"w+\"");
    let of = format!("\"handle\": {handle}");
    assert_eq!(
        value(&mut agent, "guest-file-write", &format!("{of}, \"buf-b64\": \"aGVsbG8=\"")),
        "{\"count\": 5, \"eof\": false}"
    );
    assert_eq!(value(&mut agent, "guest-file-flush", &of), "{}");
    value(&mut agent, "guest-file-seek", &format!("{of}, \"offset\": 1, \"whence\": \"set\""));
    let read = value(&mut agent, "guest-file-read", &of);
    assert_eq!(read, "{\"count\": 4, \"buf-b64\": \"ZWxsbw==\", \"eof\": true}");
    value(&mut agent, "guest-file-seek", &format!("{of}, \"offset\": 1000, \"whence\": \"set\""));
    assert!(
        ask(&mut agent, "guest-file-write", &format!("{of}, \"buf-b64\": \"aGVsbG8=\"")).contains("No space left on device")
    );
    assert_eq!(disk.open.get(), 1);
    value(&mut agent, "guest-file-close", &of);
    assert_eq!(disk.open.get(), 0);
    assert_eq!(disk.data.borrow()[&0], b"hello");
}

/// A file that is only read.
struct Rom;

impl Files for Rom {
    fn open(&self, path: &[u8], flags: OpenFlags) -> Result<usize, Errno> {
        match path {
            _ if flags.write() => Err(Errno::EROFS),
            b"/rom" => Ok(usize::MAX),
            _ => Err(Errno::EACCES),
        }
    }
    fn size(&self, file: usize) -> Result<u64, Errno> {
        assert_eq!(file, usize::MAX);
        Ok(3)
    }
    fn read(&self, _file: usize, _offset: u64, buf: &mut [u8]) -> Result<usize, Errno> {
        buf.fill(b'x');
        Ok(usize::MAX) // a lie
    }
}

#[test]
fn what_is_only_read_is_not_written() {
    let mut memory = Small::new();
    let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).files(&Rom)).unwrap();
    assert!(ask(&mut agent, "guest-file-open", "\"path\": \"/rom\", \"mode\": \"w\"").contains("Read-only file system"));
    let handle = value(&mut agent, "guest-file-open", "\"path\": \"/rom\"");
    let read = value(&mut agent, "guest-file-read", &format!("\"handle\": {handle}, \"count\": 3"));
    assert!(read.contains("\"count\": 3, \"buf-b64\": \"eHh4\""), "{read}");
}

struct Ticks(Cell<u64>);

impl Clock for Ticks {
    fn get(&self) -> Result<i64, Errno> {
        Ok(self.0.get() as i64)
    }
    fn monotonic(&self) -> u64 {
        self.0.set(self.0.get() + 1_000_000);
        self.0.get()
    }
}

#[test]
fn a_program_runs_in_steps() {
    let ticks = Ticks(Cell::new(0));
    let shout = |job: &mut Job<'_>| -> Progress {
        if job.state()[0] < 3 {
            job.state()[0] += 1;
            job.wait(5_000_000);
            return Progress::Running;
        }
        let words: Vec<_> = job.args().collect();
        let mut said = words.join(&b' ');
        said.extend(job.env().flatten());
        said.extend_from_slice(job.input());
        job.stdout(&said.to_ascii_uppercase());
        job.stderr(b"!");
        Progress::Ended(7)
    };
    let programs = [Program::new("/bin/shout", &shout)];
    let mut jobs = vec![0; 16 << 10];
    let mut memory = Small::new();
    let setup = Setup::new(name!("1")).clock(&ticks).programs(&programs, &mut jobs[1..]);
    let mut agent = Agent::new(&mut memory, setup).unwrap();
    assert!(ask(&mut agent, "guest-exec", "\"path\": \"/bin/shou\"").contains("error"));
    let started = value(
        &mut agent,
        "guest-exec",
        "\"path\": \"/bin/shout\", \"arg\": [\"a\"], \"env\": [\"b=c\"], \"input-data\": \"ZA==\", \"capture-output\": true",
    );
    assert_eq!(started, "{\"pid\": 1}");
    let mut polls = 0;
    while agent.poll() != Next::Event {
        polls += 1;
    }
    assert!(polls > 3 && ticks.0.get() > 15_000_000);
    let ended = value(&mut agent, "guest-exec-status", "\"pid\": 1");
    // "/BIN/SHOUT AB=CD" and "!"
    assert!(
        ended.contains("\"exitcode\": 7") && ended.contains("L0JJTi9TSE9VVCBBQj1DRA==") && ended.contains("IQ=="),
        "{ended}"
    );
}

#[test]
fn jobs_need_memory() {
    let nothing = |_: &mut Job<'_>| -> Progress { Progress::Ended(0) };
    let programs = [Program::new("/x", &nothing)];
    let mut memory = Small::new();
    let fault = Agent::new(&mut memory, Setup::new(name!("1")).programs(&programs, &mut [])).err().unwrap();
    assert_eq!(fault.number(), bareqga::sys::QGA_FAULT_JOBS);
}

struct Guest(Cell<u32>);

impl Freeze for Guest {
    fn freeze(&self, mountpoint: Option<&[u8]>) -> Result<u32, (Errno, Name)> {
        match mountpoint {
            Some(b"/bad") => Err((Errno::EIO, name!("/bad"))),
            Some(b"/data") | None => {
                self.0.set(1);
                Ok(1)
            }
            Some(_) => Ok(0),
        }
    }
    fn thaw(&self) -> Result<u32, Errno> {
        Ok(self.0.replace(0))
    }
}

impl Inventory for Guest {
    const MACHINE: Option<Name> = Some(name!("riscv64"));
    const LOAD: bool = true;
    const FILE_SYSTEMS: bool = true;
    fn host_name(&self) -> Option<Name> {
        Some(name!("unikernel"))
    }
    fn os_release(&self) -> Option<Name> {
        Some(name!("NAME=kernel\nVERSION_ID=3\n"))
    }
    fn load(&self) -> Result<[i64; 3], Errno> {
        Ok([150, 25, 0])
    }
    fn file_system(&self, index: usize) -> Option<FileSystem> {
        let found = FileSystem { name: name!("vda"), mountpoint: name!("/data"), kind: name!("fat"), usage: Some((5, 9)) };
        (index == 0).then_some(found)
    }
}

#[test]
fn file_systems_freeze_and_the_guest_tells_of_itself() {
    let guest = Guest(Cell::new(0));
    let mut memory = Small::new();
    let mut agent = Agent::new(&mut memory, Setup::new(name!("1")).freeze(&guest).inventory(&guest)).unwrap();
    assert_eq!(value(&mut agent, "guest-get-host-name", ""), "{\"host-name\": \"unikernel\"}");
    let os = value(&mut agent, "guest-get-osinfo", "");
    assert!(os.contains("\"machine\": \"riscv64\"") && os.contains("\"version-id\": \"3\""), "{os}");
    assert!(value(&mut agent, "guest-get-load", "").contains("1.5"));
    let mounted = value(&mut agent, "guest-get-fsinfo", "");
    assert!(mounted.contains("\"mountpoint\": \"/data\"") && mounted.contains("\"total-bytes\": 9"), "{mounted}");
    assert!(ask(&mut agent, "guest-get-disks", "").contains("CommandNotFound"));

    let failed = ask(&mut agent, "guest-fsfreeze-freeze-list", "\"mountpoints\": [\"/bad\"]");
    assert!(failed.contains("/bad") && failed.contains("Input/output error"), "{failed}");
    assert_eq!(value(&mut agent, "guest-fsfreeze-freeze", ""), "1");
    assert_eq!(value(&mut agent, "guest-fsfreeze-status", ""), "\"frozen\"");
    assert!(ask(&mut agent, "guest-get-host-name", "").contains("frozen state"));
    assert_eq!(value(&mut agent, "guest-fsfreeze-thaw", ""), "1");
}
