# SPDX-License-Identifier: MIT
"""apidoc.py HEADER - what doxygen reads in the place of a public header; see docs/Doxyfile.

The header's comments are plain ones, above what they are about or behind it on the same line. Doxygen
wants to see which, and a text for each name of a declaration: so comments get doxygen's marks, and
`int a, b; /* text */` becomes two declarations. Line numbers stay.
"""
import re
import sys

SECTION = re.compile(r"/\* --- .* --- \*/$|/\* -{3,}")
SEVERAL = re.compile(r"(\t+)((?:const )?(?:struct |enum )?\w+ \*?)(\w+(?:, \*?\w+)+);\s*(/\*\*<.*)?$")


def lines(text):
    comment = behind = False
    for number, line in enumerate(text.splitlines()):
        if "SPDX-License-Identifier" in line or (not comment and SECTION.match(line)):
            yield line
            continue
        line = line.replace("\\u", "\\\\u")
        if not comment and "/*" in line:
            behind = line.lstrip()[:2] != "/*"
            line = line.replace("/*", "/**<" if behind else "/**", 1)
            if number == 1:
                line += " \\file"
        comment = line.rfind("/*") > line.rfind("*/")
        found = SEVERAL.match(line)
        if found and not comment:
            indent, kind, names, said = found.groups()
            line = indent + " ".join(f"{kind.rstrip('*')}{'*' * (kind.endswith('*') and name[0] != '*')}{name}; {said or ''}"
                                     for name in names.split(", "))
        yield line


if __name__ == "__main__":
    with open(sys.argv[1]) as header:
        print("\n".join(lines(header.read())))
