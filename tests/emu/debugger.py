# SPDX-License-Identifier: MIT
"""QEMU's gdb stub, as far as tests need it (GDB, Remote Serial Protocol)."""
import socket
import time

import guest as guests


def arguments(path):
    """For a guest that waits for one, and for `Debugger(path)`."""
    return ["-S", "-gdb", f"unix:{path},server=on,wait=off"]


class Debugger:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + guests.TIMEOUT
        while True:
            try:
                self.sock.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise guests.GuestError("QEMU's gdb stub is not there") from None
                time.sleep(0.01)
        self.sock.settimeout(guests.TIMEOUT)

    def ask(self, packet):
        self.sock.sendall(f"+${packet}#{sum(packet.encode()) & 255:02x}".encode())
        answer = b""
        while b"#" not in answer[:-2]:
            answer += self.sock.recv(4096)
        return answer[answer.index(b"$") + 1:answer.index(b"#")].decode()

    def tell(self, packet):
        answer = self.ask(packet)
        assert answer == "OK", (packet, answer)

    def read(self, address, n):
        answer = self.ask(f"m{address:x},{n:x}")
        return b"" if answer.startswith("E") else bytes.fromhex(answer)

    def write(self, address, data):
        for at in range(0, len(data), 512):
            part = data[at:at + 512]
            self.tell(f"M{address + at:x},{len(part):x}:{part.hex()}")

    def run_to(self, address):
        """Until a processor is about to execute that, which is the one that register() then means."""
        self.tell(f"Z1,{address:x},4")
        answer = self.ask("c")
        assert answer.startswith("T05"), answer
        self.tell(f"z1,{address:x},4")

    def register(self, number, value):
        """Sets one of 64 bits, by the number that the processor's description has for it, which is asked for first."""
        assert "<architecture>" in self.ask("qXfer:features:read:target.xml:0,ffb")
        self.tell(f"P{number:x}={value.to_bytes(8, 'little').hex()}")

    def leave(self):
        """And has the machine run."""
        self.tell("D")
        self.sock.close()
