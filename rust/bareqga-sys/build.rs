// SPDX-License-Identifier: MIT
//! Compiles the library: in a package the amalgamation in c/, in bareqga's repository the sources themselves.
//!
//! jsmn.h is nobody's but its author's, so it is in neither: it comes from $BAREQGA_JSMN, a folder, or from
//! where Debian's libjsmn-dev puts it.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn fail(what: &str) -> ! {
    eprintln!("bareqga-sys: {what}");
    process::exit(1)
}

/// A folder with jsmn.h and nothing else: /usr/include is not to be searched for another processor.
fn jsmn(out: &Path) -> PathBuf {
    println!("cargo:rerun-if-env-changed=BAREQGA_JSMN");
    let from = PathBuf::from(env::var_os("BAREQGA_JSMN").unwrap_or_else(|| "/usr/include".into())).join("jsmn.h");
    let to = out.join("jsmn");
    println!("cargo:rerun-if-changed={}", from.display());
    if fs::create_dir_all(&to).is_err() || fs::copy(&from, to.join("jsmn.h")).is_err() {
        fail(&format!(
            "there is no {}: install libjsmn-dev (apt-get install libjsmn-dev), or set BAREQGA_JSMN to the folder of jsmn.h",
            from.display()
        ));
    }
    to
}

/// The files of a folder and of those in it that end in .c.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            println!("cargo:rerun-if-changed={}", path.display());
            if path.extension().map_or(false, |e| e == "c") {
                found.push(path);
            }
        }
    }
    found.sort();
}

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let repository = here.join("../..");
    let mut build = cc::Build::new();
    let mut files = Vec::new();

    let include = if repository.join("tools/amalgamate.py").exists() {
        sources(&repository.join("proto"), &mut files);
        build.include(repository.join("proto"));
        repository.join("include")
    } else {
        println!("cargo:rerun-if-changed=c");
        files.push(here.join("c/bareqga.c"));
        here.join("c")
    };
    if !files.iter().all(|f| f.exists()) {
        fail("c/bareqga.c is not there; `make crate` makes a whole package");
    }
    // One translation unit, wherever they come from.
    let all: String = files.iter().map(|f| format!("#include \"{}\"\n", f.display())).collect();
    fs::write(out.join("all.c"), all).unwrap();
    println!("cargo:rerun-if-changed={}", include.join("bareqga.h").display());
    println!("cargo:include={}", include.display());
    if env::var_os("CARGO_FEATURE_FREESTANDING").is_some() {
        println!("cargo:rerun-if-changed=freestanding");
        build.include("freestanding").flag("-ffreestanding");
        build.file(here.join("freestanding/string.c"));
    }
    // As Rust's own code there, which may lie anywhere.
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none")
        && env::var("CARGO_CFG_TARGET_ARCH").unwrap().starts_with("riscv")
    {
        build.flag("-mcmodel=medany");
    }
    build
        .file(out.join("all.c"))
        .include(include)
        .include(jsmn(&out))
        .flag("-std=c11")
        // An enum is an int on this side, whatever the processor's habit.
        .flag_if_supported("-fno-short-enums")
        .flag("-ffunction-sections")
        .flag("-fdata-sections")
        .compile("bareqga");
}
