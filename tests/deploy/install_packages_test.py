#!/usr/bin/env python3
"""deploy/install_packages with a stand-in dpkg-query, apt-get and id: asks for what is missing, and
only that; as anyone but root it says which command to run."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SCRIPT = os.path.join(ROOT, "deploy/install_packages")


class InstallPackagesTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.calls = os.path.join(self.folder, "calls")
        self.program("apt-get", f'echo "$@" >>{self.calls}')
        self.program("id", "echo 1000")

    def program(self, name, body):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)

    def installed(self, *packages):
        cases = "".join(f"{name}) printf installed;; " for name in packages)
        self.program("dpkg-query", f'for last; do :; done; case "$last" in {cases}*) exit 1;; esac')

    def run_script(self, *groups):
        return subprocess.run([SCRIPT, *groups], capture_output=True, text=True, check=False,
                              env={"PATH": self.folder + ":/usr/bin:/bin"})

    def test_nothing_missing_touches_nothing(self):
        self.installed("clang", "clang-tidy")
        self.assertEqual(0, self.run_script("tidy").returncode)
        self.assertFalse(os.path.exists(self.calls))

    def test_anyone_but_root_is_told_the_command(self):
        self.installed("clang")
        result = self.run_script("tidy")
        self.assertEqual(1, result.returncode)
        self.assertIn("apt-get install --no-install-recommends clang-tidy\n", result.stderr)
        self.assertFalse(os.path.exists(self.calls))

    def test_root_gets_only_what_is_missing_after_an_update(self):
        self.installed("clang")
        self.program("id", "echo 0")
        self.assertEqual(0, self.run_script("tidy").returncode)
        with open(self.calls, encoding="utf-8") as file:
            self.assertEqual(["update -q\n", "install -q -y --no-install-recommends clang-tidy\n"],
                             file.readlines())

    def test_an_unknown_group_is_an_error(self):
        result = self.run_script("kitchen")
        self.assertEqual(2, result.returncode)
        self.assertIn("no group 'kitchen'", result.stderr)


if __name__ == "__main__":
    unittest.main()
