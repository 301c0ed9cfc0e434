"""The main job on one machine, on simulated households of Guizhou; deploy/quickstart builds first
and then runs this. Run from the root of the repository: python3 -m deploy.loopback.quickstart."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

from . import peers
from .parts import LoopbackError, Parts, fetch, kernel_port, require_free, wait_until
from .shouwang import Daemon, Reporting, sheets_of, simulate
from .worst import table, worst

PROGRAMS = os.path.join(peers.ROOT, "build/release/bin")
PORT_USERS = ("shouwangd (gRPC)", "shouwangd (metrics)", "Prometheus", "Alertmanager",
              "the webhook")
REGION = "52"
SCRAPE_INTERVAL_S = 5
MIN_HOUSEHOLDS = 20_000
ALERT_TIMEOUT_S = 300
WORST = 10


def say(text=""):
    print(text, flush=True)


class Progress:
    """One line that is overwritten on a terminal, a line every few seconds elsewhere."""

    def __init__(self):
        self.terminal = sys.stdout.isatty()
        self.started = time.monotonic()
        self.shown = 0

    def seconds(self):
        return time.monotonic() - self.started

    def show(self, text, last=False):
        now = time.monotonic()
        if not last and now - self.shown < (0.2 if self.terminal else 5):
            return
        self.shown = now
        line = f"  {self.seconds():5.0f} s  {text}"
        if self.terminal:
            print("\r\033[K" + line, end="\n" if last else "", flush=True)
        else:
            say(line)


def options(arguments=None):
    parser = argparse.ArgumentParser(prog="deploy/quickstart")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--households", type=int, default=25_200)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--townships", type=int, default=24)
    parser.add_argument("--state", default=os.path.join(peers.ROOT, "build/quickstart"))
    parser.add_argument("--ports", type=int, default=17_440)
    parser.add_argument("--programs", default=PROGRAMS, help=argparse.SUPPRESS)
    parser.add_argument("--check-options", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    for name, low, high in (("households", 1, 2_000_000), ("months", 1, 240),
                            ("townships", 1, 1_000)):
        if not low <= getattr(chosen, name) <= high:
            parser.error(f"--{name} {getattr(chosen, name)} is outside {low} to {high}")
    if chosen.ports and not 1024 <= chosen.ports <= 65_530:
        parser.error(f"--ports {chosen.ports} is outside 1024 to 65530")
    chosen.state = os.path.abspath(chosen.state)
    return chosen


def choose_ports(base):
    if not base:
        return [kernel_port() for _ in PORT_USERS]
    ports = range(base, base + len(PORT_USERS))
    for port, who in zip(ports, PORT_USERS):
        require_free(port, who)
    return list(ports)


class Quickstart:
    def __init__(self, chosen, parts):
        self.chosen = chosen
        self.parts = parts
        self.progress = Progress()
        self.sheets = os.path.join(chosen.state, "sheets")
        # As many months in as many households as were asked for, less those who fall silent.
        self.min_households = min(MIN_HOUSEHOLDS, int(chosen.households * 0.8))

    def prepare(self):
        """A fresh state folder. Only what an earlier quickstart made is removed."""
        for name in ("sheets", "data", "prometheus", "alertmanager"):
            shutil.rmtree(os.path.join(self.chosen.state, name), ignore_errors=True)
        for name in os.listdir(self.chosen.state):
            if name.endswith(".log"):
                os.remove(os.path.join(self.chosen.state, name))
        say("Simulating households of Guizhou (invented; they describe nobody)")
        say("  " + simulate(self.chosen.programs, self.sheets, region=REGION,
                            townships=self.chosen.townships, households=self.chosen.households,
                            months=self.chosen.months))

    def start(self):
        ports = choose_ports(self.chosen.ports)
        say("Starting shouwangd, Prometheus, Alertmanager and a webhook receiver")
        self.daemon = Daemon(self.chosen.programs, self.chosen.state, region=REGION,
                             sites=os.path.join(self.sheets, "sites.yaml"),
                             alertmanager=f"http://127.0.0.1:{ports[3]}")
        self.daemon.check_config()
        self.daemon.start(self.parts, ports[0], ports[1])
        webhook_port, self.webhook_file = peers.start_webhook(self.parts, self.chosen.state,
                                                              ports[4])
        self.alertmanager = peers.start_alertmanager(
            self.parts, self.chosen.state, ports[3], peers.alertmanager_config(webhook_port))
        self.prometheus = peers.start_prometheus(
            self.parts, self.chosen.state, ports[2], peers.prometheus_config(
                self.daemon.metrics_port, ports[2], ports[3], SCRAPE_INTERVAL_S))
        # Rates on the dashboards start from a scrape before the first report.
        scraped = 'shouwang_commit_duration_seconds_count and on (job) up{job="shouwangd"} == 1'
        wait_until("Prometheus has scraped shouwangd", lambda: self.prometheus.query(scraped), 120,
                   self.parts.check_all_run)

    def report(self):
        """Sends every sheet, several collectors at once."""
        sheets = sheets_of(self.sheets)
        say(f"Reporting: {len(sheets)} sheets, a collector process for each")
        with Reporting(self.daemon, sheets) as reporting:
            def finished():
                reporting.check()
                status = self.daemon.status()
                done = reporting.done() == len(sheets)
                self.progress.show(
                    f"{reporting.done()}/{len(sheets)} sheets, {int(status['households']):,} "
                    f"households, {int(status['observations']):,} observations, "
                    f"{int(status['warnings_open']):,} open warnings", last=done)
                return done
            wait_until("all sheets are sent", finished, 3600, self.parts.check_all_run)
            self.stored = sum(int(summary["accepted"]) for summary in reporting.summaries())

    def months_complete(self):
        """Whether enough households have reported in each of the months, as the daemon tells."""
        months = json.loads(self.daemon.ctl("rollup", REGION, "household_size", "--json"))
        counts = [int(month["count"]) for month in months if int(month["count"]) > 0]
        return len(counts) >= self.chosen.months and min(counts) >= self.min_households

    def visit(self):
        """What follows up warnings: visits to households drawn by lot among those without one."""
        say("Drawing households by lot and writing down what visits found")
        self.daemon.visit_by_lot()

    def watch(self):
        """Until Prometheus shows what the daemon stores and alerts reach the webhook."""
        say("Waiting for Prometheus to see it and for alerts to fire")
        households = int(self.daemon.status()["households"])

        def seen():
            return self.prometheus.value(
                f'sum(shouwang_households{{division="{REGION}"}})') == households

        def fired():
            firing = self.region_alerts()
            self.progress.show(f"{len(self.prometheus.alerts('pending'))} alerts pending and "
                               f"{len(firing)} of regions firing in Prometheus, "
                               f"{len(self.alertmanager.alerts())} in Alertmanager, "
                               f"{len(self.messages())} messages at the webhook")
            return firing and self.messages_by("county") and self.messages_by("rule")

        wait_until("Prometheus shows as many households as the daemon", seen, 120,
                   self.parts.check_all_run)
        wait_until("alerts of regions and of households reach the webhook", fired, ALERT_TIMEOUT_S,
                   self.parts.check_all_run)
        self.progress.show("alerts fire and are delivered", last=True)

    def region_alerts(self):
        return [alert for alert in self.prometheus.alerts("firing") if "county" in alert["labels"]]

    def messages(self):
        with open(self.webhook_file, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def messages_by(self, label):
        """Messages of groups that have the label: region alerts have a county, warnings a rule."""
        return [m for m in self.messages() if m["message"]["groupLabels"].get(label)]

    def summary(self):
        status = self.daemon.status()
        return {"households": int(status["households"]),
                "observations": int(status["observations"]),
                "warnings_open": int(status["warnings_open"]),
                "divisions": int(status["divisions"]),
                "prometheus_targets_up": self.prometheus.targets_up(),
                "alerts_firing": len(self.prometheus.alerts("firing"))}

    def check(self, summary):
        """Every part answered and agrees; a list of what did not hold."""
        faults = []

        def hold(what, held):
            if not held:
                faults.append(what)

        hold(f"at least {self.min_households} households: {summary['households']}",
             summary["households"] >= self.min_households)
        hold(f"observations stored ({summary['observations']}) equal those receipted "
             f"({self.stored})", summary["observations"] == self.stored)
        hold("warnings are open", summary["warnings_open"] > 0)
        hold(f"all three targets are up: {summary['prometheus_targets_up']}",
             summary["prometheus_targets_up"] == 3)
        hold("region alerts fire", bool(self.region_alerts()))
        hold("Alertmanager has alerts", bool(self.alertmanager.alerts()))
        hold("the webhook was told by county", bool(self.messages_by("county")))
        hold("the webhook was told of warnings by township and rule",
             bool(self.messages_by("rule")) and all(
                 set(m["message"]["groupLabels"]) == {"division", "rule"}
                 for m in self.messages_by("rule")))
        hold("the history tells what was sent",
             bool(json.loads(self.daemon.ctl("alerts", REGION, "--limit", "1", "--json"))))
        hold("the audit trail is sound",
             json.loads(self.daemon.ctl("audit", "verify", "--json"))["sound"])
        hold(f"{self.chosen.months} months of enough households", self.months_complete())
        metrics = fetch(f"http://127.0.0.1:{self.daemon.metrics_port}/metrics")
        linted = subprocess.run(["promtool", "check", "metrics"], input=metrics, text=True,
                                capture_output=True, check=False)
        hold("promtool check metrics: " + linted.stderr.strip(), linted.returncode == 0)
        queries = subprocess.run(
            [sys.executable, os.path.join(peers.ROOT, "tests/grafana/query_test.py"),
             "--prometheus", self.prometheus.url], text=True, capture_output=True, check=False)
        hold("every dashboard query has data: " + queries.stdout, queries.returncode == 0)
        return faults

    def show_worst(self):
        warnings = json.loads(self.daemon.ctl("warnings", REGION, "--severity", "red", "--severity",
                                              "orange", "--kind", "household", "--all", "--json"))
        ranked = worst(warnings, WORST)
        say()
        say(f"The {len(ranked)} households with the worst open warnings (simulated):")
        for line in table(ranked):
            say(line)
        if ranked:
            say()
            say("Why the first of them:")
            say(self.daemon.ctl("explain", ranked[0].subject, "--rule",
                                ranked[0].warnings[0]["rule"]).rstrip())

    def show_where(self):
        say()
        say("Where to look:")
        ctl = os.path.relpath(os.path.join(self.chosen.programs, "shouwangctl"))
        for what, where in (
                ("shouwangd, gRPC", self.daemon.server),
                ("shouwangd, metrics", f"http://127.0.0.1:{self.daemon.metrics_port}/metrics"),
                ("Prometheus", self.prometheus.url + "/alerts"),
                ("Alertmanager", self.alertmanager.url),
                ("messages delivered", self.webhook_file),
                ("dashboards", "grafana/README.md says how to connect a Grafana"),
                ("logs and data", self.chosen.state),
                ("ask it", f"{ctl} --server {self.daemon.server} warnings --severity red"),
                ("why, in Chinese", f"{ctl} --server {self.daemon.server} --lang zh explain "
                                    "SUBJECT")):
            say(f"  {what:20}{where}")


def stay(parts):
    say()
    say("Everything stays up. Ctrl-C stops it.")
    pause = threading.Event()
    while True:
        parts.check_all_run()
        pause.wait(1)


def run(chosen):
    """The exit code and, with --once, the summary."""
    os.makedirs(chosen.state, exist_ok=True)
    if chosen.ports:
        choose_ports(chosen.ports)  # a taken port is told before minutes of work
    with Parts(chosen.state) as parts:
        quickstart = Quickstart(chosen, parts)
        quickstart.prepare()
        quickstart.start()
        quickstart.report()
        quickstart.visit()
        quickstart.watch()
        quickstart.show_worst()
        quickstart.show_where()
        summary = quickstart.summary()
        faults = quickstart.check(summary)
        for fault in faults:
            say("DID NOT HOLD: " + fault)
        if not chosen.once:
            stay(parts)
        killed = parts.stop()
        if killed:
            faults.append(f"had to be killed: {killed}")
            say("DID NOT HOLD: " + faults[-1])
        say()
        say(json.dumps(summary))
        return 1 if faults else 0


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    chosen = options()
    if chosen.check_options:
        return 0
    signal.signal(signal.SIGTERM, interrupted)
    try:
        return run(chosen)
    except LoopbackError as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0 if not chosen.once else 1


if __name__ == "__main__":
    sys.exit(main())
