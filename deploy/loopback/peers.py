"""Starts the real peers (Prometheus, Alertmanager, the webhook stand-in) from the shipped files,
with only addresses and intervals replaced, and talks to their APIs."""

import json
import os
import re
import sys
import urllib.parse

from .parts import LoopbackError, fetch, fetch_json, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
READY_TIMEOUT_S = 60


def replace(text, what, by):
    """Every occurrence; at least one, so that the shipped file cannot drift away from here."""
    replaced, count = re.subn(what, by, text)
    if count == 0:
        raise LoopbackError(f"the shipped configuration no longer contains {what}")
    return replaced


def shipped(path):
    with open(os.path.join(ROOT, "deploy", path), encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def prometheus_config(metrics_port, prometheus_port, alertmanager_port, interval_s):
    text = shipped("prometheus/prometheus.yml")
    text = replace(text, r"_interval: 15s", f"_interval: {interval_s}s")
    text = replace(text, r"127\.0\.0\.1:9464", f"127.0.0.1:{metrics_port}")
    text = replace(text, r"127\.0\.0\.1:9090", f"127.0.0.1:{prometheus_port}")
    text = replace(text, r"127\.0\.0\.1:9093", f"127.0.0.1:{alertmanager_port}")
    return replace(text, r"rules/\*\.yml", os.path.join(ROOT, "deploy/prometheus/rules/*.yml"))


def alertmanager_config(webhook_port, group_wait_s=None):
    text = replace(shipped("alertmanager/alertmanager.yml"), r"http://127\.0\.0\.1:9095/(?=\w)",
                   f"http://127.0.0.1:{webhook_port}/")
    if group_wait_s is not None:
        text = replace(text, r"group_wait: \S+", f"group_wait: {group_wait_s}s")
    return text


def start_prometheus(parts, folder, port, config):
    path = write(os.path.join(folder, "prometheus.yml"), config)
    parts.start("prometheus", [
        "prometheus", f"--config.file={path}",
        f"--storage.tsdb.path={os.path.join(folder, 'prometheus')}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"])
    prometheus = Prometheus(f"http://127.0.0.1:{port}")
    wait_until("Prometheus gets ready", lambda: fetch(prometheus.url + "/-/ready"),
               READY_TIMEOUT_S, parts.check_all_run)
    return prometheus


def start_alertmanager(parts, folder, port, config):
    path = write(os.path.join(folder, "alertmanager.yml"), config)
    parts.start("alertmanager", [
        "prometheus-alertmanager", f"--config.file={path}",
        f"--storage.path={os.path.join(folder, 'alertmanager')}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        "--log.level=warn"])
    alertmanager = Alertmanager(f"http://127.0.0.1:{port}")
    wait_until("Alertmanager gets ready", lambda: fetch(alertmanager.url + "/-/ready"),
               READY_TIMEOUT_S, parts.check_all_run)
    return alertmanager


def start_webhook(parts, folder, port=0):
    """The port that it listens on and the file that it fills."""
    out = write(os.path.join(folder, "webhook.jsonl"), "")
    ready = os.path.join(folder, "webhook.ready")
    if os.path.exists(ready):
        os.remove(ready)
    parts.start("webhook", [
        sys.executable, os.path.join(ROOT, "deploy/alertmanager/webhook_receiver.py"), "--listen",
        f"127.0.0.1:{port}", "--out", out, "--ready-file", ready])
    wait_until("the webhook receiver gets ready", lambda: os.path.exists(ready), READY_TIMEOUT_S,
               parts.check_all_run)
    with open(ready, encoding="utf-8") as file:
        return json.load(file)["port"], out


class Prometheus:
    """The HTTP API of a Prometheus."""

    def __init__(self, url):
        self.url = url.rstrip("/")

    def _get(self, path, **parameters):
        answer = fetch_json(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters, True)}")
        if answer["status"] != "success":
            raise LoopbackError(f"{path} {parameters}: {answer}")
        return answer["data"]

    def query(self, expression):
        """A list of (labels, value)."""
        data = self._get("query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in data["result"]]

    def value(self, expression):
        """The one value, or None."""
        result = self.query(expression)
        if len(result) > 1:
            raise LoopbackError(f"{expression} has {len(result)} results, not one")
        return result[0][1] if result else None

    def query_range(self, expression, start_s, end_s, step_s):
        """A list of (labels, [values])."""
        result = self._get("query_range", query=expression, start=start_s, end=end_s,
                           step=step_s)["result"]
        return [(series["metric"], [float(value) for _, value in series["values"]])
                for series in result]

    def targets_up(self):
        return sum(1 for target in self._get("targets")["activeTargets"]
                   if target["health"] == "up")

    def alerts(self, state):
        """Those that are "pending" or "firing"."""
        return [alert for alert in self._get("alerts")["alerts"] if alert["state"] == state]


class Alertmanager:
    """The v2 API of an Alertmanager."""

    def __init__(self, url):
        self.url = url.rstrip("/")

    def alerts(self):
        return fetch_json(self.url + "/api/v2/alerts")

    def post(self, alerts):
        fetch(self.url + "/api/v2/alerts", json.dumps(alerts).encode())
