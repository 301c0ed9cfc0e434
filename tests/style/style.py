#!/usr/bin/env python3
"""Checks a source tree against the house rules of rules.py and prints every breach as
`path:line: what`. Exit 1 if there is any.

    tests/style/style.py [ROOT]
"""

import os
import re
import statistics
import sys

import rules

IGNORED_FOLDERS = {"build", ".git", "node_modules", "__pycache__", ".cache"}
SOURCES = (".h", ".cc")
TEXTS = (".h", ".cc", ".proto", ".py", ".md", ".txt", ".yaml", ".yml", ".cmake", ".sh", ".json",
         ".ts", ".csv", "")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
TYPE = re.compile(r"^\s*(?:enum\s+class|enum|class|struct|message|using)\s+"
                  r"(?:\[\[\w+\]\]\s+|[A-Z_]+\(\w+\)\s+)*([A-Z]\w*)")
WORD = re.compile(r"[A-Z][a-z0-9]*")
# Spelled in pieces so that this file does not break its own rule.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|SleepFor|time\.sl" r"eep)\b|"
                   r"(?<![\w.])sl" r"eep\(|^\s*sl" r"eep\s+[\d$.]")
MACHINE_PATH = re.compile(r"(?<![\w.}/])/(?:wo" r"rk|ro" r"ot|ho" r"me)/\w")
# At the left margin, or the last line of a signature that was wrapped.
FUNCTION_START = re.compile(r"^(?:[A-Za-z_].*|\s{4,}.*\).*)[{]\s*$")
NO_BLOCK_OF_INTEREST = re.compile(r"^(?:namespace|extern)\b")
BLOCK_THAT_IS_NO_FUNCTION = re.compile(
    r"^(?:class|struct|enum|union|constexpr|const|static const|inline constexpr)\b")


class Tree:
    """The files of a source tree, read once."""

    def __init__(self, root):
        self.root = root
        self.lines = {}
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if name not in IGNORED_FOLDERS)
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), root)
                if os.path.splitext(name)[1] in TEXTS and name not in IGNORED_FOLDERS:
                    self._read(path)

    def _read(self, path):
        try:
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                self.lines[path] = file.read().split("\n")
        except UnicodeDecodeError:
            pass  # test data in other encodings

    def sources(self, *roots):
        for path, lines in self.lines.items():
            if path.endswith(SOURCES) and (not roots or path.startswith(roots)):
                yield path, lines


def room_of(path):
    """The room that a path belongs to: the longest folder of the table that holds it."""
    if path.startswith("proto/"):
        return "proto"
    matches = [room for room in rules.ROOMS if path.startswith(room + "/")]
    return max(matches, key=len) if matches else None


def included_room(header):
    if header.startswith(("shouwang/v1/", "google/rpc/")):
        return "proto"
    return room_of(header)


def check_include_directions(tree):
    for path, lines in tree.sources("storage/", "daemon/", "collectors/"):
        room = room_of(path)
        if room is None:
            yield path, 1, "lies in no room that tests/style/rules.py knows"
            continue
        allowed = rules.ROOMS[room]
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match.group(2)
            target = included_room(header)
            if target is None:
                if header.startswith(tuple(r + "/" for r in rules.ROOTS_OF_ROOMS) + ("tests/",)):
                    yield path, number, f"{room} includes {header}, which is in no room"
                elif "/" not in header and match.group(1) == '"':
                    yield path, number, f"include {header} by its path from the root"
                continue
            if target == room:
                continue
            if "*" in allowed:
                if target.startswith(rules.APP_MAY_NOT_INCLUDE):
                    yield path, number, f"{room} may not include {target}: {header}"
            elif target not in allowed:
                yield path, number, f"{room} may not include {target}: {header}"


def check_foreign_headers(tree):
    for path, lines in tree.sources("storage/", "daemon/", "collectors/"):
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            for start, rooms in rules.FOREIGN.items():
                if match.group(2).startswith(start) and room_of(path) not in rooms:
                    yield path, number, (f"{match.group(2)} may be included only in "
                                         f"{', '.join(sorted(rooms))}")


def check_headers(tree):
    counts = []
    for path, lines in tree.sources("storage/", "daemon/", "collectors/"):
        if not path.endswith(".h"):
            continue
        counts.append(len(lines) - 1)
        if "#pragma once" not in lines:
            yield path, 1, "has no #pragma once"
        if not lines[0].startswith("// "):
            yield path, 1, "has no comment at its top: what it is, owner, threads, failure"
    if counts and statistics.median(counts) > rules.MAX_MEDIAN_HEADER_LINES:
        yield "storage", 1, (f"the median header has {statistics.median(counts)} lines, "
                             f"limit {rules.MAX_MEDIAN_HEADER_LINES}")


def check_lengths(tree):
    for path, lines in tree.sources():
        length = len(lines) - 1
        if length > rules.MAX_SOURCE_LINES and path not in rules.LONG_SOURCES:
            yield path, 1, f"has {length} lines, limit {rules.MAX_SOURCE_LINES}"
        if path.endswith(".cc"):
            yield from check_function_lengths(path, lines)


def check_function_lengths(path, lines):
    """A function at the left margin ends at the next brace there, as clang-format leaves it."""
    start = None
    is_function = False
    for number, line in enumerate(lines, 1):
        if start is None:
            if FUNCTION_START.match(line) and not NO_BLOCK_OF_INTEREST.match(line):
                start = number
                is_function = not BLOCK_THAT_IS_NO_FUNCTION.match(line)
        elif line.startswith("}"):
            length = number - start + 1
            name = lines[start - 1].strip()
            if is_function and length > rules.MAX_FUNCTION_LINES and \
                    f"{path}:{name}" not in rules.LONG_FUNCTIONS:
                yield path, start, f"function of {length} lines, limit {rules.MAX_FUNCTION_LINES}"
            start = None


def check_names(tree):
    for path, lines in tree.lines.items():
        if not path.endswith(SOURCES + (".proto",)) or path.startswith("proto/google/"):
            continue
        for number, line in enumerate(lines, 1):
            match = TYPE.match(line)
            if not match:
                continue
            banned = rules.BANNED_WORDS_IN_TYPES.intersection(WORD.findall(match.group(1)))
            if banned:
                yield path, number, f"{match.group(1)}: '{banned.pop()}' says nothing of the domain"


def check_texts(tree):
    for path, lines in tree.lines.items():
        if path.startswith("tests/style/") or path == "LICENSE":
            continue
        for number, line in enumerate(lines, 1):
            if UNFINISHED.search(line):
                yield path, number, "unfinished: do it, or write an issue"
            if MACHINE_PATH.search(line):
                yield path, number, "names a path of one machine"
            if path.startswith("tests/") and path not in rules.SLEEPING_TESTS and \
                    not path.endswith(".md") and SLEEP.search(line):
                yield path, number, "tests wait for a condition, never for a time"
            if path.endswith((".cc", ".h", ".proto", ".py")) and \
                    len(line) > rules.MAX_LINE_CHARACTERS:
                yield path, number, f"{len(line)} characters, limit {rules.MAX_LINE_CHARACTERS}"
            if line.rstrip() != line and not path.endswith(".md"):
                yield path, number, "blanks at the end of the line"


def check_layout(tree):
    for name in sorted(os.listdir(tree.root)):
        if name not in rules.TOP_LEVEL and name not in IGNORED_FOLDERS:
            yield name, 1, "is not one of the top-level names of tests/style/rules.py"
    rooms_with_sources = {room_of(path) for path, _ in tree.sources(
        *(root + "/" for root in rules.ROOTS_OF_ROOMS))} - {None}
    for folder in sorted(rooms_with_sources | rules.README_REQUIRED):
        if os.path.isdir(os.path.join(tree.root, folder)) and \
                os.path.join(folder, "README.md") not in tree.lines:
            yield folder, 1, "has no README.md"


def check_exceptions(tree):
    """An exception outlives its reason easily; one that is no longer needed is a breach."""
    for path in rules.LONG_SOURCES:
        lines = tree.lines.get(path)
        if lines is None or len(lines) - 1 <= rules.MAX_SOURCE_LINES:
            yield "tests/style/rules.py", 1, f"LONG_SOURCES no longer needs {path}"


CHECKS = (check_include_directions, check_foreign_headers, check_headers, check_lengths,
          check_names, check_texts, check_layout, check_exceptions)


def breaches(root):
    tree = Tree(root)
    for check in CHECKS:
        for path, number, what in check(tree):
            yield f"{path}:{number}: {what}"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../..")
    found = list(breaches(os.path.abspath(root)))
    for breach in found:
        print(breach)
    print(f"{len(found)} breaches of the house rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
