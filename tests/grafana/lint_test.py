#!/usr/bin/env python3
"""The dashboards by the rules of Grafana's dashboard-linter, and against our own words: data source
by variable, titles in both languages, descriptions, units, PromQL that promtool accepts, rates over
$__rate_interval, metrics that the daemon documents, rules that are recorded."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import boards  # noqa: E402

SAMPLE = {"province": "52", "county": "520502", "site": "520502005/S1", "job": "shouwangd",
          "instance": "127.0.0.1:9464", "indicator": "wage_income", "datasource": "x"}
UNITS = {"none", "short", "percentunit", "s", "bytes", "ops", "reqps", "bool_yes_no"}
CHINESE = re.compile("[\u4e00-\u9fff]")
BOTH_LANGUAGES = re.compile("^.*[\u4e00-\u9fff].* / .*[A-Za-z].*$")
FOREIGN_METRICS = {"up", "ALERTS"}
HISTOGRAM_SUFFIX = re.compile("_(bucket|count|sum)$")


def read(path):
    with open(os.path.join(boards.ROOT, path), encoding="utf-8") as file:
        return file.read()


def expressions():
    for name, board in boards.load().items():
        for panel in boards.panels(board):
            for target in panel["targets"]:
                yield name, panel["title"], target["expr"]


class LintTest(unittest.TestCase):
    def test_the_files_are_what_their_source_builds(self):
        built = subprocess.run([sys.executable, os.path.join(boards.ROOT, "grafana/source/build"),
                                "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(0, built.returncode, built.stdout + built.stderr)

    def test_five_dashboards_with_their_own_uid_and_titles_in_both_languages(self):
        loaded = boards.load()
        self.assertEqual(5, len(loaded))
        self.assertEqual(5, len({board["uid"] for board in loaded.values()}))
        for board in loaded.values():
            self.assertRegex(board["title"], BOTH_LANGUAGES)
            self.assertGreaterEqual(board["schemaVersion"], 39)
            self.assertIn("shouwang", board["tags"])

    def test_every_panel_says_what_it_is(self):
        for name, board in boards.load().items():
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            for panel in boards.panels(board):
                with self.subTest(board=name, panel=panel["title"]):
                    self.assertRegex(panel["title"], BOTH_LANGUAGES)
                    self.assertRegex(panel["description"], CHINESE)
                    self.assertRegex(panel["description"], "[A-Za-z]{4}")
                    self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
                    self.assertTrue(panel["targets"])

    def test_panels_do_not_overlap(self):
        for name, board in boards.load().items():
            taken = set()
            for panel in board["panels"]:
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                         for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(cells & taken, (name, panel["title"]))
                self.assertLessEqual(place["x"] + place["w"], 24)
                taken |= cells

    def test_the_data_source_is_always_the_variable(self):
        for board in boards.load().values():
            self.assertEqual("datasource", boards.variables(board)[0]["type"])
            for panel in boards.panels(board):
                for holder in [panel, *panel["targets"]]:
                    self.assertEqual("${datasource}", holder["datasource"]["uid"])

    def test_links_lead_to_dashboards_that_exist(self):
        loaded = boards.load().values()
        uids = {board["uid"] for board in loaded}
        links = [link for board in loaded
                 for link in re.findall(r"/d/([\w-]+)\?var-(\w+)=", str(board))]
        self.assertIn(("shouwang-county", "county"), links)
        for uid, variable in links:
            self.assertIn(uid, uids)
            target = next(board for board in loaded if board["uid"] == uid)
            self.assertIn(variable, [v["name"] for v in boards.variables(target)])

    def test_promtool_accepts_every_expression(self):
        rules = [{"record": f"dashboard:query:n{i}", "expr": boards.substituted(expression, SAMPLE)}
                 for i, (_, _, expression) in enumerate(expressions())]
        with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
            yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}, file)
            file.flush()
            checked = subprocess.run(["promtool", "check", "rules", "--lint=none", file.name],
                                     capture_output=True, text=True, check=False)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
        self.assertGreater(len(rules), 60)

    def test_counters_are_rated_over_the_rate_interval(self):
        for name, panel, expression in expressions():
            with self.subTest(board=name, panel=panel):
                for window in re.findall(r"\[([^\]0-9]\S*|\d\w+)\]", expression):
                    self.assertEqual("$__rate_interval", window)
                for counter in re.findall(r"\b\w+_total\b|\b\w+_bucket\b", expression):
                    self.assertRegex(expression, rf"rate\({counter}")

    def test_every_metric_is_documented_and_every_recorded_name_recorded(self):
        known = set(re.findall(r"`((?:shouwang|process)_[a-z_]+)`",
                               read("daemon/metrics/README.md"))) | FOREIGN_METRICS
        recorded = set(re.findall(r"record: (\S+)",
                                  read("deploy/prometheus/rules/shouwang_recording.yml")))
        for name, board in boards.load().items():
            texts = [target["expr"] for panel in boards.panels(board)
                     for target in panel["targets"]]
            texts += [variable["definition"] for variable in boards.variables(board)[1:]]
            for text in texts:
                plain = re.sub(r'"[^"]*"', '""', text)
                for rule in re.findall(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", plain):
                    self.assertIn(rule, recorded, name)
                plain = re.sub(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", "", plain)
                for metric in re.findall(r"\b(?:shouwang|process)_[a-z_]+", plain):
                    if metric not in known:
                        metric = HISTOGRAM_SUFFIX.sub("", metric)
                    self.assertIn(metric, known, f"{name}: {text}")

    def test_provisioning_names_the_same_data_source_and_folder(self):
        sources = yaml.safe_load(read("grafana/provisioning/datasources/shouwang.yaml"))
        self.assertEqual(1, sources["apiVersion"])
        self.assertEqual(["prometheus", "alertmanager"],
                         [source["type"] for source in sources["datasources"]])
        providers = yaml.safe_load(read("grafana/provisioning/dashboards/shouwang.yaml"))
        self.assertEqual("file", providers["providers"][0]["type"])
        self.assertIn(providers["providers"][0]["options"]["path"], read("grafana/README.md"))


if __name__ == "__main__":
    unittest.main()
