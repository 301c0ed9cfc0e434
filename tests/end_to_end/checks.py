"""Counts checks and says what each found. A check that fails does not end the run."""

import time


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self._start = time.monotonic()

    def note(self, text):
        print(f"[{time.monotonic() - self._start:6.1f} s] {text}", flush=True)

    def that(self, promise, holds, found=""):
        if holds:
            self.passed += 1
            self.note(f"ok      {promise}")
        else:
            self.failed += 1
            self.note(f"FAILED  {promise}" + (f"\n          {found}" if found else ""))
        return holds

    def equal(self, promise, actual, expected):
        return self.that(promise, actual == expected, f"is {actual!r}\n          not {expected!r}")

    def same(self, promise, actual, expected):
        """Two dicts: tells how many keys differ, and the first few of them."""
        differing = [
            key for key in sorted(set(actual) | set(expected), key=str)
            if actual.get(key) != expected.get(key)
        ]
        examples = [
            f"{key}: is {actual.get(key)!r}, not {expected.get(key)!r}" for key in differing[:5]
        ]
        found = f"{len(differing)} differ of {len(expected)}\n          "
        return self.that(f"{promise} ({len(expected)})", not differing,
                         found + "\n          ".join(examples))

    def finish(self):
        """The last line; the exit code."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed else 0
