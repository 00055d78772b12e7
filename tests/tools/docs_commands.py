# SPDX-License-Identifier: MIT
"""The table command x board of docs/COMMANDS.md: what booted boards offer, and why the rest is not."""
import re

import schema
from figures import run
from guest import Guest, boards, make, variants

WHY = {
    "guest-suspend-disk": "no operating system whose image could be saved",
    "guest-suspend-ram": "no machine here can; a library's environment may",
    "guest-suspend-hybrid": "as guest-suspend-disk",
    "guest-set-user-password": "nobody can log in",
    "guest-set-memory-blocks": "memory is not given back",
    "guest-get-devices": "qemu-ga has it on Windows only",
    "guest-ssh-get-authorized-keys": "nobody can log in",
    "guest-ssh-add-authorized-keys": "nobody can log in",
    "guest-ssh-remove-authorized-keys": "nobody can log in",
    "guest-set-vcpus": "by the application's set_vcpu: it may run on the other processors",
    "guest-fstrim": "by the application's freeze.trim",
    "guest-network-get-route": "by the application's routes",
    "guest-network-get-interfaces": "virtio-net cards; addresses are the application's",
    "guest-get-fsinfo": "the RAM files, and the application's file systems",
    "guest-fsfreeze-freeze": "the RAM files, and the application's freeze hooks",
    "guest-get-disks": "virtio-blk devices",
    "guest-get-diskstats": "the guest's own accesses: none",
    "guest-get-cpustats": "idle is the time spent waiting for an interrupt",
    "guest-get-load": "average of the time not spent waiting",
    "guest-get-osinfo": "the host may hand over an os-release file",
    "guest-get-host-name": "the host's or the application's setting",
    "guest-get-users": "nobody can log in, so nobody is",
    "guest-get-timezone": "UTC",
    "guest-exec": "functions of the image and of the application; needs spare RAM",
    "guest-file-open": "RAM files, fw_cfg items, log, crash record, the application's files",
    "guest-set-time": "sets the hardware clock where it can be set",
    "guest-shutdown": "after the application has drained",
}

# Where they are not offered, no hook of app.h could change it: no machine suspends, no RAM for jobs.
NOT_BY_HOOK = {"guest-suspend-ram", "guest-exec", "guest-exec-status"}


def in_table(board):
    """The commands of a board's image with an application: what proto/commands.c has for its DEFINES."""
    defines = make(f"BOARD={board}", "facts").split("DEFINES=")[1].split()
    return set(re.findall(r'\.name = "([a-z-]+)"', run("gcc", "-E", "-Iinclude", "-Iproto", *defines, "proto/commands.c")))


def offered(board):
    with Guest(variants(board)[0]) as guest, guest.connect() as client:
        client.sync()
        return {c["name"] for c in client.call("guest-info")["supported_commands"]}


def states(board):
    """{command: "real", "hook" or "-"}: offered, or there for an application to back, or absent."""
    now, table = offered(board), in_table(board)
    state = {}
    for name in schema.commands:
        hook = name in table and name not in NOT_BY_HOOK
        state[name] = "real" if name in now else "hook" if hook else "-"
    return state


def table():
    machines = [b for b in boards() if b != "host"]
    known = {b: states(b) for b in machines}
    rows = ["| Command | since | " + " | ".join(f"`{b}`" for b in machines) + " | |",
            "|---|---|" + "---|" * len(machines) + "---|"]
    for name, facts in schema.commands.items():
        rows.append(f"| {name} | {facts['since']} | " + " | ".join(known[b][name] for b in machines) +
                    f" | {WHY.get(name, '')} |")
    old = [n for n, f in schema.commands.items() if tuple(map(int, f["since"].split("."))) < (7, 3)]
    counts = [f"`{b}` {sum(known[b][n] != '-' for n in old)}" for b in machines]
    rows.append(f"\nOf the {len(old)} commands of the 7.2 schema, real or by hook: {', '.join(counts)}.")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
