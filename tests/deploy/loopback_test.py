#!/usr/bin/env python3
"""What quickstart and the end-to-end tests stand on: processes, ports, rendered configurations,
quickstart's options, the ranking of the worst."""

import contextlib
import io
import os
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.insert(0, ROOT)
from deploy.loopback import peers, quickstart, worst  # noqa: E402
from deploy.loopback.parts import (LoopbackError, Parts, kernel_port, require_free,  # noqa: E402
                                   wait_until)


class PartsTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def start(self, parts, body):
        return parts.start("part", [sys.executable, "-c", body])

    def test_a_part_that_ends_is_told_with_its_last_words(self):
        with Parts(self.folder) as parts:
            self.start(parts, "print('the disk is full'); raise SystemExit(3)")
            with self.assertRaisesRegex(LoopbackError, "(?s)part ended with 3.*the disk is full"):
                wait_until("never", lambda: False, 60, parts.check_all_run)

    def test_parts_stop_in_reverse_order(self):
        order = os.path.join(self.folder, "order")
        body = ("import signal, sys\n"
                "def end(*_):\n"
                f"    open({order!r}, 'a').write(sys.argv[1]); sys.exit(0)\n"
                "signal.signal(signal.SIGTERM, end)\n"
                "print('ready', flush=True)\n"
                "signal.pause()\n")
        with Parts(self.folder) as parts:
            for name in "abc":
                part = parts.start(name, [sys.executable, "-c", body, name])
                wait_until("ready", lambda p=part: "ready" in p.last_lines(), 60)
        with open(order, encoding="utf-8") as file:
            self.assertEqual("cba", file.read())

    def test_a_part_that_will_not_stop_is_killed_and_named(self):
        parts = Parts(self.folder)
        part = self.start(parts, "import signal\n"
                                 "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                                 "print('ready', flush=True)\n"
                                 "signal.pause()\nsignal.pause()")
        wait_until("ready", lambda: "ready" in part.last_lines(), 60)
        self.assertFalse(part.stop(timeout_s=0.2))
        self.assertEqual(-9, part.exit_code())

    def test_waiting_has_an_end_that_tells_the_last_problem(self):
        def refused():
            raise ConnectionRefusedError("nobody there")
        with self.assertRaisesRegex(LoopbackError, "the answer: not within 0.2 s .*nobody there"):
            wait_until("the answer", refused, 0.2)


class PortsTest(unittest.TestCase):
    def test_a_taken_port_is_named_with_its_user_and_the_way_out(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            with self.assertRaisesRegex(LoopbackError,
                                        f"port {port}, meant for Prometheus, .*--ports BASE"):
                require_free(port, "Prometheus")

    def test_a_kernel_port_is_free(self):
        require_free(kernel_port(), "anyone")


class ConfigurationTest(unittest.TestCase):
    def test_prometheus_gets_the_shipped_file_with_our_addresses(self):
        config = peers.prometheus_config(1001, 1002, 1003, 5)
        for expected in ("127.0.0.1:1001", "127.0.0.1:1002", "127.0.0.1:1003",
                         "scrape_interval: 5s", "evaluation_interval: 5s",
                         os.path.join(ROOT, "deploy/prometheus/rules/*.yml")):
            self.assertIn(expected, config)
        for left in ("9464", "9090", "9093", "15s"):
            self.assertNotIn(left, config)
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(config)
            file.flush()
            checked = subprocess.run(["promtool", "check", "config", file.name],
                                     capture_output=True, text=True, check=False)
        self.assertEqual(0, checked.returncode, checked.stderr)

    def test_alertmanager_gets_the_shipped_routes_with_our_webhook(self):
        config = peers.alertmanager_config(1005)
        self.assertIn("url: http://127.0.0.1:1005/critical", config)
        self.assertIn("url: http://127.0.0.1:1005/warning", config)
        self.assertIn("group_wait: 15s", config)

    def test_a_shipped_file_that_drifted_away_is_told(self):
        with self.assertRaisesRegex(LoopbackError, "no longer contains"):
            peers.replace("a: 1", "b: 1", "c: 1")


class OptionsTest(unittest.TestCase):
    def test_defaults(self):
        chosen = quickstart.options([])
        self.assertEqual((25200, 24, 24, 17440, False),
                         (chosen.households, chosen.months, chosen.townships, chosen.ports,
                          chosen.once))
        self.assertEqual(os.path.join(ROOT, "build/quickstart"), chosen.state)

    def test_values_out_of_bounds_are_refused_with_the_bound(self):
        for arguments, message in ((["--months", "0"], "--months 0 is outside 1 to 240"),
                                   (["--ports", "80"], "--ports 80 is outside 1024 to 65530"),
                                   (["--households", "9000000"], "outside 1 to 2000000")):
            with self.subTest(arguments), self.assertRaises(SystemExit) as ended, \
                    contextlib.redirect_stderr(io.StringIO()) as told:
                quickstart.options(arguments)
            self.assertEqual(2, ended.exception.code)
            self.assertIn(message, told.getvalue())


def warning(subject, severity, opened_on, rule="r"):
    return {"subject": subject, "severity": severity, "opened_on": opened_on, "rule": rule,
            "rule_title_zh": rule, "division_path": "贵州省"}


class WorstTest(unittest.TestCase):
    def test_red_counts_before_orange_and_the_oldest_before_the_newer(self):
        ranked = worst.worst([
            warning("one_red_new", "red", "2026-05-01"),
            warning("three_orange", "orange", "2025-01-01", "a"),
            warning("three_orange", "orange", "2025-01-01", "b"),
            warning("three_orange", "orange", "2025-01-01", "c"),
            warning("one_red_old", "red", "2026-03-01"),
            warning("red_and_orange", "orange", "2026-01-01"),
            warning("red_and_orange", "red", "2026-06-01"),
        ], 3)
        self.assertEqual(["red_and_orange", "one_red_old", "one_red_new"],
                         [one.subject for one in ranked])
        self.assertEqual("red", ranked[0].warnings[0]["severity"])

    def test_the_table_names_subject_counts_and_place(self):
        lines = worst.table(worst.worst([warning("520502001001/17", "red", "2026-03-01",
                                                 "unsafe_water")], 5))
        self.assertEqual(2, len(lines))
        self.assertRegex(lines[1], r"^  520502001001/17 +1 +0 +0  2026-03-01  unsafe_water；贵州省$")

    def test_no_warnings_no_lines(self):
        self.assertEqual([], worst.worst([], 5))


if __name__ == "__main__":
    unittest.main()
