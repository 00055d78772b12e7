// SPDX-License-Identifier: MIT
//! The bindings against the header: a C program prints sizes, alignments, offsets and constants, and nothing that the
//! header declares is missing here.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs, process::Command};

use bareqga_sys::{layouts, CONSTANTS};

/// Of unions without a name in C, the members that C calls by another path.
const UNIONS: [(&str, &str, &str); 2] = [("qga_arg", "of", "names"), ("qga_value", "of", "s")];

fn include() -> PathBuf {
    if let Some(other) = env::var_os("BAREQGA_TEST_INCLUDE") {
        return other.into();
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let repository = here.join("../../include");
    if repository.join("bareqga.h").exists() {
        repository
    } else {
        here.join("c")
    }
}

/// What the C compiler knows, and what is believed here, a line each.
fn lines() -> (String, String) {
    let mut program = String::from("#include <stdio.h>\n#include <bareqga.h>\nint main(void)\n{\n");
    let mut here = String::new();
    for layout in layouts().iter().flat_map(|l| l.iter()).map(|l| l()) {
        let name = layout.name;
        writeln!(program, "printf(\"{name} %zu %zu\\n\", sizeof(struct {name}), _Alignof(struct {name}));").unwrap();
        writeln!(here, "{name} {} {}", layout.size, layout.align).unwrap();
        for (member, offset) in layout.members.iter().flatten() {
            let c = UNIONS.iter().find(|u| u.0 == name && u.1 == *member).map_or(*member, |u| u.2);
            writeln!(program, "printf(\"{name}.{member} %zu\\n\", offsetof(struct {name}, {c}));").unwrap();
            writeln!(here, "{name}.{member} {offset}").unwrap();
        }
    }
    for (name, value) in CONSTANTS.iter().flat_map(|c| c.iter()) {
        writeln!(program, "printf(\"{name} %lld\\n\", (long long)({name}));").unwrap();
        writeln!(here, "{name} {value}").unwrap();
    }
    (program + "return 0;\n}\n", here)
}

#[test]
fn same_layout_as_c() {
    let (program, here) = lines();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    fs::write(&source, program).unwrap();
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let status = Command::new(compiler).arg("-I").arg(include()).arg("-o").arg(&binary).arg(&source).status().unwrap();
    assert!(status.success());
    let there = String::from_utf8(Command::new(&binary).output().unwrap().stdout).unwrap();
    assert!(there.lines().count() > 250);
    for (theirs, ours) in there.lines().zip(here.lines()) {
        assert_eq!(theirs, ours);
    }
    assert_eq!(there.lines().count(), here.lines().count());
}

/// The words of a text that begin with one of `prefixes`.
fn words(text: &str, prefix: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| w.starts_with(prefix)).map(String::from).collect()
}

#[test]
fn nothing_of_the_header_is_missing() {
    let header = fs::read_to_string(include().join("bareqga.h")).unwrap();
    let code = header.split("/*").map(|p| p.split_once("*/").map_or(p, |p| p.1)).collect::<String>();
    // One-line macros and inline functions of C, and what they are made of.
    let left_out = [
        "QGA_CONFIG_FILE",
        "QGA_NEED",
        "QGA_SCRATCH",
        "QGA_POINTER",
        "QGA_MIX",
        "QGA_BUILD_LIMITS",
        "QGA_BUILD_LENGTHS",
        "QGA_BUILD_FLAGS",
        "qga_failed",
        "qga_out_room",
        "qga_out_lend",
        "qga_out_member_str",
        "qga_out_member_int",
        "qga_out_member_uint",
        "qga_out_member_bool",
        "qga_",
        "qga_errno",
        "qga_open_flag",
        "qga_arg_type",
        "qga_flag",
        "qga_channel_event",
        "qga_fault",
    ];
    let ours = [include_str!("../src/env.rs"), include_str!("../src/config.rs"), include_str!("../src/functions.rs")].concat();
    for prefix in ["qga_", "QGA_"] {
        let mut lost = &words(&code, prefix) - &words(&ours, prefix);
        lost.retain(|w| !left_out.contains(&w.as_str()));
        assert_eq!(lost, BTreeSet::new());
    }
}

#[test]
fn functions_have_as_many_parameters() {
    let header = fs::read_to_string(include().join("bareqga.h")).unwrap();
    let code = header.split("/*").map(|p| p.split_once("*/").map_or(p, |p| p.1)).collect::<String>();
    let mut seen = 0;
    for declaration in include_str!("../src/functions.rs").split("pub fn ").skip(1) {
        let (name, rest) = declaration.split_once('(').unwrap();
        let ours = rest.split_once(')').unwrap().0.split(',').filter(|p| !p.trim().is_empty()).count();
        let at = code.split(&format!("{name}(")).skip(1).find(|r| r.split_once(')').unwrap().1.starts_with(';'));
        let theirs = at.unwrap().split_once(')').unwrap().0;
        assert_eq!(ours, if theirs == "void" { 0 } else { theirs.split(',').count() }, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 34);
}

#[test]
fn version_is_that_of_the_library() {
    // SAFETY: it is a string for ever.
    let text = unsafe { std::ffi::CStr::from_ptr(bareqga_sys::qga_library_version().cast()) };
    assert_eq!(text.to_str().unwrap(), env!("CARGO_PKG_VERSION"));
}
