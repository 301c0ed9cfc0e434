#!/usr/bin/env python3
"""A real Alertmanager with the shipped configuration delivers to a webhook: grouped by county,
routed by severity, red before orange, and a clearing is told too."""

import datetime
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from deploy.loopback import peers  # noqa: E402
from deploy.loopback.parts import Parts, kernel_port, wait_until  # noqa: E402

TIMEOUT_S = 60


def alert(name, severity, **labels):
    return {"labels": {"alertname": name, "severity": severity, **labels},
            "annotations": {"summary": name}}


class AlertmanagerTest(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.parts = Parts(folder)
        self.addCleanup(self.parts.stop)
        port, self.messages_path = peers.start_webhook(self.parts, folder)
        config = peers.alertmanager_config(port, group_wait_s=1)
        config = peers.replace(config, r"group_interval: \S+", "group_interval: 1s")
        self.alertmanager = peers.start_alertmanager(self.parts, folder, kernel_port(), config)

    def messages(self):
        with open(self.messages_path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def wait_for(self, what, condition):
        return wait_until(what, lambda: [m for m in self.messages() if condition(m)], TIMEOUT_S,
                          self.parts.check_all_run)[0]

    def test_one_message_for_a_county_with_all_its_alerts(self):
        self.alertmanager.post([
            alert("ShouwangCountyLate", "warning", county="520502", division="520502"),
            alert("ShouwangCountyWarningsRising", "warning", county="520502", division="520502"),
            alert("ShouwangCountyLate", "warning", county="520503", division="520503")])
        message = self.wait_for(
            "the county's message",
            lambda m: m["message"]["groupLabels"].get("county") == "520502")
        self.assertEqual("/warning", message["path"])
        self.assertEqual({"county": "520502", "severity": "warning"},
                         message["message"]["groupLabels"])
        self.assertEqual({"ShouwangCountyLate", "ShouwangCountyWarningsRising"},
                         {a["labels"]["alertname"] for a in message["message"]["alerts"]})
        self.wait_for("the neighbour's own message",
                      lambda m: m["message"]["groupLabels"].get("county") == "520503")

    def test_critical_alerts_take_the_other_road_and_hide_the_orange_of_the_county(self):
        self.alertmanager.post([
            alert("ShouwangCountyRedWarnings", "critical", county="520502", division="520502"),
            alert("ShouwangCountyOrangeWarnings", "warning", county="520502", division="520502"),
            alert("ShouwangCountyOrangeWarnings", "warning", county="520503", division="520503")])
        red = self.wait_for("the red message", lambda m: m["path"] == "/critical")
        self.assertEqual(["ShouwangCountyRedWarnings"],
                         [a["labels"]["alertname"] for a in red["message"]["alerts"]])
        self.wait_for("the neighbour's orange message",
                      lambda m: m["message"]["groupLabels"].get("county") == "520503")
        self.assertEqual([], [m for m in self.messages() if m["path"] == "/warning"
                              and m["message"]["groupLabels"].get("county") == "520502"])

    def test_an_incident_is_told_once_and_keeps_back_its_townships_warnings_of_the_kind(self):
        def warnings(division, kind, severity):
            return alert("ShouwangWarnings", severity, division=division, county=division[:6],
                         prefecture=division[:4], risk_kind=kind, rule=f"{kind}_{severity}")

        def incident(place, division, level, kind):
            return alert("ShouwangIncident", "warning", incident=f"{place}:{kind}:2026-07",
                         place=place, division=division, level=level, risk_kind=kind,
                         county=division[:6], prefecture=division[:4])

        self.alertmanager.post([
            incident("520502001003", "520502001", "village", "disaster"),
            incident("520503", "520503", "county", "employment"),
            warnings("520502001", "disaster", "orange"), warnings("520502001", "disaster", "red"),
            warnings("520502001", "illness", "orange"), warnings("520502002", "disaster", "yellow"),
            warnings("520503007", "employment", "orange")])
        self.wait_for("the incident", lambda m: m["path"] == "/critical" and m["message"][
            "groupLabels"] == {"incident": "520502001003:disaster:2026-07"})
        self.wait_for("the county's", lambda m: m["path"] == "/critical" and m["message"][
            "groupLabels"] == {"incident": "520503:employment:2026-07"})

        def about(division, rule):
            return lambda m: m["message"]["groupLabels"] == {"division": division, "rule": rule}

        self.wait_for("the red ones", about("520502001", "disaster_red"))
        self.wait_for("those of another kind", about("520502001", "illness_orange"))
        self.wait_for("the neighbour's", about("520502002", "disaster_yellow"))
        self.assertEqual([], [m for m in self.messages()
                              if about("520502001", "disaster_orange")(m)
                              or about("520503007", "employment_orange")(m)])

    def test_what_was_taken_on_is_quiet_and_what_went_up_goes_to_its_level(self):
        place = {"division": "520502001", "county": "520502", "rule": "income_fall"}
        self.alertmanager.post([
            alert("ShouwangWarnings", "red", acknowledged="true", **place),
            alert("ShouwangWarnings", "red", level="county", **{**place, "rule": "wages"}),
            alert("ShouwangWarnings", "orange", level="prefecture", **{**place, "rule": "water"}),
            alert("ShouwangWarnings", "red", level="township", **{**place, "rule": "school"}),
            alert("ShouwangCasesEscalated", "warning", level="county", county="520502",
                  division="520502"),
            alert("ShouwangWarnings", "red", **{**place, "rule": "house"})])
        for rule, path in (("wages", "/county"), ("water", "/prefecture"), ("school", "/township"),
                           ("house", "/critical")):
            message = self.wait_for(f"the message about {rule}", lambda m, rule=rule: m["message"][
                "groupLabels"].get("rule") == rule)
            self.assertEqual(path, message["path"])
        counted = self.wait_for("the county's count", lambda m: any(
            a["labels"]["alertname"] == "ShouwangCasesEscalated" for a in m["message"]["alerts"]))
        self.assertEqual("/county", counted["path"])
        self.assertEqual([], [m for m in self.messages() if any(
            a["labels"].get("acknowledged") for a in m["message"]["alerts"])])

    def test_a_clearing_is_told(self):
        opened = alert("ShouwangCountyLate", "warning", county="520502", division="520502")
        self.alertmanager.post([opened])
        self.wait_for("the alert", lambda m: m["message"]["status"] == "firing")
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        self.alertmanager.post([{**opened, "endsAt": now}])
        self.wait_for("its end", lambda m: m["message"]["status"] == "resolved")


if __name__ == "__main__":
    unittest.main()
