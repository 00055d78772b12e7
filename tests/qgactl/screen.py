# SPDX-License-Identifier: MIT
"""A terminal for qgactl: tmux, with a server of its own."""
import itertools
import os
import shlex
import subprocess
import time

from guest import TIMEOUT


class Screen:
    """with Screen(directory, 80, 24, words, env) as screen: screen.wait_for("text"); screen.keys("q")"""

    numbers = itertools.count()

    def __init__(self, directory, columns, lines, words, env):
        self.socket = os.path.join(directory, f"tmux{next(self.numbers)}.sock")
        keep = {k: env[k] for k in ("QGACTL_TARGET", "HOME", "LC_ALL", "LSAN_OPTIONS", "ASAN_OPTIONS")}
        # bash prints what is left behind: the status, and the modes of the terminal.
        line = (f"stty -g >before; {shlex.join(map(str, words))}; echo \"status $?\"; stty -g >after; "
                "cmp before after && echo as before; sleep 999")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", lines, "-c", directory,
                  *(f"-e{k}={v}" for k, v in keep.items()), "bash", "--norc", "-c", f"trap : INT; {line}")

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *map(str, words)], text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def text(self, *more):
        return self.tmux("capture-pane", "-p", *more)

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, lines):
        self.tmux("resize-window", "-x", columns, "-y", lines)

    def wait_for(self, *texts, timeout=2 * TIMEOUT):
        deadline = time.monotonic() + timeout
        while True:
            shown = self.text()
            if all(t in shown for t in texts):
                return shown
            assert time.monotonic() < deadline, f"{texts} is not shown:\n{shown}"
            time.sleep(0.1)

    def wait_for_prompt(self, timeout=2 * TIMEOUT):
        """That of `shell`, with nothing behind it: what is typed before it is there, the terminal shows as well."""
        deadline = time.monotonic() + timeout
        while not self.text().rstrip("\n").endswith((">", "> ")):
            assert time.monotonic() < deadline, f"no prompt:\n{self.text()}"
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.tmux("kill-server")
        except AssertionError:
            pass
