#!/usr/bin/env python3
"""What the documents tell a stranger to type and to copy fits the programs and the files.

    documentation_test.py PROGRAMS      the folder of a built shouwangd
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PROGRAMS = None


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class RuleExampleTest(unittest.TestCase):
    """README.md, "Write a rule", put into the shipped policy."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        section = read("README.md").split("## Write a rule")[1]
        self.example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", section, re.S)[1])

    def check_config(self, example):
        policy = yaml.safe_load(read("deploy/policies/guizhou_2026.yaml"))
        policy["features"] += example["features"]
        policy["rules"] += example["rules"]
        # Dates are text in a policy; safe_load made one of them a date.
        policy["effective_from"] = str(policy["effective_from"])
        files = {"policy.yaml": yaml.safe_dump(policy, allow_unicode=True, sort_keys=False),
                 "divisions.csv": "code,name\n52,贵州省\n",
                 "shouwangd.yaml": f"data_dir: data\ncatalogue: {ROOT}/deploy/catalogue.yaml\n"
                                   "divisions: divisions.csv\npolicies: [policy.yaml]\n"}
        for name, text in files.items():
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return subprocess.run([os.path.join(PROGRAMS, "shouwangd"), "--config",
                               os.path.join(self.folder, "shouwangd.yaml"), "--check-config"],
                              capture_output=True, text=True, check=False)

    def test_the_example_can_be_added_as_it_stands(self):
        checked = self.check_config(self.example)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_a_name_that_is_taken_would_be_told(self):
        self.example["features"][0]["name"] = "wage_change"
        checked = self.check_config(self.example)
        self.assertEqual(1, checked.returncode)
        self.assertIn("wage_change", checked.stdout + checked.stderr)


class PathsTest(unittest.TestCase):
    def test_dashboards_are_copied_to_where_grafana_is_told_to_look(self):
        providers = [yaml.safe_load(read("grafana/provisioning/dashboards/" + name))
                     for name in os.listdir(os.path.join(ROOT, "grafana/provisioning/dashboards"))]
        path = providers[0]["providers"][0]["options"]["path"]
        for document in ("README.md", "grafana/README.md"):
            self.assertTrue(f"cp grafana/dashboards/*.json {path}/\n" in read(document), document)

    def test_keys_in_the_runbook_are_keys_of_the_configuration(self):
        config = yaml.safe_load(read("deploy/shouwangd.yaml"))
        told = re.findall(r"`(ingest|query|metrics|store)\.(\w+)`", read("deploy/runbook.md"))
        self.assertTrue(told)
        for section, key in told:
            self.assertIn(key, config[section], f"{section}.{key}")

    def test_the_service_runs_what_the_installation_puts_there(self):
        installation = read("deploy/README.md").split("## Install")[1]
        command = re.search(r"^ExecStart=(\S+) --config (\S+)$", read("deploy/shouwangd.service"),
                            re.M)
        self.assertEqual("/usr/local/bin/shouwangd", command[1])
        self.assertTrue("shouwangctl} /usr/local/bin/\n" in installation)
        self.assertEqual("/etc/shouwang/shouwangd.yaml", command[2])
        self.assertTrue(re.search(r"cp -r deploy/\{shouwangd\.yaml,.*\} /etc/shouwang/\n",
                                  installation))


if __name__ == "__main__":
    PROGRAMS = sys.argv.pop(1)
    unittest.main()
