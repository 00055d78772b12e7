# SPDX-License-Identifier: MIT
"""trust.py - runs each command that docs/TRUST.md has figures of, and writes what it says below it."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/TRUST.md"
FIGURE = re.compile(r"^(```\n\$ (make [^\n]*)\n)(?:(?!```)[^\n]*\n)*(```)$", re.M)


def shown(found):
    """What a command says, whole: one that fails has figures, too."""
    done = subprocess.run(found[2], shell=True, cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return found[1] + done.stdout.rstrip().replace(str(ROOT), ".") + "\n" + found[3]


def main():
    PAGE.write_text(FIGURE.sub(shown, PAGE.read_text()))


if __name__ == "__main__":
    sys.exit(main())
