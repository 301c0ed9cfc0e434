#!/usr/bin/env python3
"""What promtool does not check of the alert rules: words for people, a runbook section each, and
metrics that exist."""

import os
import re
import sys
import unittest

import yaml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
METRIC = re.compile(r"\b(shouwang_[a-z_]+)\b(?!:)")
RECORDED_NAME = re.compile(r"[a-z_]+:[a-z_]+:[a-z_0-9]+$")
SUFFIXES = ("_bucket", "_count", "_sum")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def rules(name):
    for group in yaml.safe_load(read(f"deploy/prometheus/rules/{name}"))["groups"]:
        yield from group["rules"]


def documented_metrics():
    return set(re.findall(r"`((?:shouwang|process)_[a-z_]+)`", read("daemon/metrics/README.md")))


def metrics_in(expression):
    """The names of ours in a PromQL expression, without recorded ones and histogram suffixes."""
    plain = re.sub(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", "", re.sub(r'"[^"]*"', '""', expression))
    for name in METRIC.findall(plain):
        for suffix in SUFFIXES:
            if name.endswith(suffix) and name not in documented_metrics():
                name = name[:-len(suffix)]
        yield name


class RulesTest(unittest.TestCase):
    def test_every_alert_has_its_words_in_both_languages(self):
        for alert in rules("shouwang_alerts.yml"):
            with self.subTest(alert["alert"]):
                annotations = alert["annotations"]
                self.assertEqual({"summary", "description_zh", "description_en", "runbook_url"},
                                 set(annotations))
                self.assertRegex(annotations["description_zh"], "[\u4e00-\u9fff]{4}")
                self.assertIn(alert["labels"]["severity"], {"critical", "warning"})
                self.assertRegex(alert["for"], r"^\d+[mhd]$")
                self.assertRegex(alert["alert"], r"^Shouwang[A-Z][A-Za-z]+$")

    def test_every_alert_has_its_section_in_the_runbook_and_none_is_left_over(self):
        sections = set(re.findall(r"^### (\w+)$", read("deploy/runbook.md"), re.MULTILINE))
        self.assertEqual({a["alert"] for a in rules("shouwang_alerts.yml")}, sections)
        for alert in rules("shouwang_alerts.yml"):
            self.assertEqual("deploy/runbook.md#" + alert["alert"].lower(),
                             alert["annotations"]["runbook_url"])

    def test_every_alert_is_tested(self):
        tests = "".join(read(f"tests/deploy/{name}") for name in
                        os.listdir(os.path.join(ROOT, "tests/deploy")) if name.endswith(".yml"))
        for alert in rules("shouwang_alerts.yml"):
            self.assertIn(alert["alert"], tests)

    def test_recorded_names_say_level_metric_and_operation(self):
        for rule in rules("shouwang_recording.yml"):
            self.assertRegex(rule["record"], RECORDED_NAME)

    def test_every_metric_is_documented(self):
        known = documented_metrics()
        self.assertIn("shouwang_households", known)
        for file in ("shouwang_alerts.yml", "shouwang_recording.yml"):
            for rule in rules(file):
                for name in metrics_in(rule["expr"]):
                    self.assertIn(name, known, rule)

    def test_every_recorded_name_that_an_alert_uses_is_recorded(self):
        recorded = {rule["record"] for rule in rules("shouwang_recording.yml")}
        for alert in rules("shouwang_alerts.yml"):
            for name in re.findall(r"[a-z_]+:shouwang_[a-z_]+:[a-z_0-9]+", alert["expr"]):
                self.assertIn(name, recorded)


if __name__ == "__main__":
    sys.exit(unittest.main())
