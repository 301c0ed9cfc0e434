#!/usr/bin/env python3
"""Runs every query of every dashboard against a real Prometheus and requires data.

    tests/grafana/query_test.py --prometheus URL
        against a Prometheus that already scrapes a shouwangd
    tests/grafana/query_test.py --programs build/dev/bin --divisions FOLDER
        starts shouwangd, a Prometheus that scrapes it each second, and a collector that reports
        simulated households, then the same

Variables are filled from their own queries, as Grafana fills them; of a multi-valued one all values
are taken, of the others the first that has data behind it.
"""

import argparse
import json
import math
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../..")]
import boards  # noqa: E402
from deploy.loopback import peers  # noqa: E402
from deploy.loopback.parts import LoopbackError, Parts, kernel_port, wait_until  # noqa: E402
from deploy.loopback.shouwang import Daemon, Reporting, sheets_of, simulate  # noqa: E402

SCRAPE_INTERVAL_S = 1
# Wide enough to hold the whole test even where the machine is slow.
RATE_INTERVAL = "5m"
PATIENCE_S = 120
LABEL_VALUES = re.compile(r"label_values\((.*), *(\w+)\)$", re.DOTALL)
QUERY_RESULT = re.compile(r"query_result\((.*)\)$", re.DOTALL)
SKIPPED = 75


def grafana_regex(pattern):
    """Grafana's /(?<value>..)/ as Python's."""
    return re.compile(pattern.strip("/").replace("(?<", "(?P<"))


def as_text(labels):
    """A sample as query_result shows it: name{label="value",...}."""
    shown = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())
                     if name != "__name__")
    return f"{labels.get('__name__', '')}{{{shown}}}"


def variable_values(prometheus, definition, regex):
    match = LABEL_VALUES.match(definition)
    if match:
        return sorted({labels[match.group(2)] for labels, _ in prometheus.query(match.group(1))
                       if match.group(2) in labels})
    expression = QUERY_RESULT.match(definition).group(1)
    found = (grafana_regex(regex).search(as_text(labels))
             for labels, _ in prometheus.query(expression))
    return sorted({one.group("value") for one in found if one})


def has_data(prometheus, name, value):
    """A county of the register that nobody reports from is a right choice with empty panels."""
    if name in ("county", "province"):
        return bool(prometheus.query(
            f'shouwang_indicator_mean{{division="{value}"}} and on (division) '
            f"shouwang_households > 0"))
    return True


def fill_variables(prometheus, board):
    values = {"datasource": "prometheus"}
    for variable in boards.variables(board)[1:]:
        definition = boards.substituted(variable["definition"], values)
        found = variable_values(prometheus, definition, variable["regex"])
        if not variable["multi"]:
            found = [value for value in found if has_data(prometheus, variable["name"], value)]
        if not found:
            raise LoopbackError(f"{board['uid']}: the variable {variable['name']} has no value: "
                                f"{definition}")
        values[variable["name"]] = "|".join(map(re.escape, found)).replace("\\", "\\\\") \
            if variable["multi"] else found[0]
    return values


def with_most_sites(prometheus, values):
    """The county dashboard lists sites and origins; choose a county that has some."""
    sites = prometheus.query("topk(1, sum by (county) (label_replace(shouwang_site_households, "
                             '"county", "$1", "site", "([0-9]{6}).*")))')
    if "county" in values and sites:
        values["county"] = sites[0][0]["county"]
    return values


def check_boards(prometheus):
    """(number of queries, [what has no data])"""
    count, empty = 0, []
    for name, board in boards.load().items():
        values = with_most_sites(prometheus, fill_variables(prometheus, board))
        for panel in boards.panels(board):
            for target in panel["targets"]:
                count += 1
                expression = boards.substituted(target["expr"], values, RATE_INTERVAL)
                if target["instant"]:
                    numbers = [value for _, value in prometheus.query(expression)]
                else:
                    now = time.time()
                    numbers = [value for _, values in prometheus.query_range(
                        expression, now - 60, now, 5) for value in values]
                # A quantile over nothing is NaN: a line that nobody sees.
                if not any(map(math.isfinite, numbers)):
                    empty.append(f"{name}: {panel['title']}: {expression}")
    return count, empty


def check_until_settled(prometheus, check=None):
    """Rates need a second scrape and recorded names an evaluation, so emptiness gets a while."""
    found = {}

    def settled():
        found["count"], found["empty"] = check_boards(prometheus)
        return not found["empty"]

    try:
        wait_until("every query has data", settled, PATIENCE_S, check)
    except LoopbackError as error:
        print(error)
    for line in found.get("empty", ["no query was run"]):
        print("NO DATA  " + line)
    print(f"{found.get('count', 0)} queries, {len(found.get('empty', [1]))} without data")
    return 0 if found.get("count") and not found["empty"] else 1


def ask(daemon):
    """One call of several methods."""
    daemon.status()
    for warning in json.loads(daemon.ctl("warnings", "--limit", "1", "--json")):
        daemon.ctl("explain", warning["subject"])


def check_whole(programs, divisions):
    with tempfile.TemporaryDirectory() as folder, Parts(folder) as parts:
        sheets = os.path.join(folder, "sheets")
        print(simulate(programs, sheets, divisions, townships=4, households=1200, months=14))
        daemon = Daemon(programs, folder, divisions, sites=os.path.join(sheets, "sites.yaml"),
                        refresh_seconds=1).start(parts)
        port = kernel_port()
        prometheus = peers.start_prometheus(parts, folder, port, peers.prometheus_config(
            daemon.metrics_port, port, kernel_port(), SCRAPE_INTERVAL_S))
        ask(daemon)
        # A rate sees an increase only after a first scrape.
        wait_until("Prometheus has scraped the counters before anything is reported",
                   lambda: prometheus.query("shouwang_rpc_duration_seconds_count > 0 and on (job) "
                                            "shouwang_commit_duration_seconds_count == 0"),
                   PATIENCE_S, parts.check_all_run)
        with Reporting(daemon, sheets_of(sheets), at_once=2) as reporting:
            wait_until("all sheets are sent", lambda: reporting.done() == len(reporting.jobs), 600,
                       parts.check_all_run)
            accepted = sum(int(summary["accepted"]) for summary in reporting.summaries())
        stored = 'sum(shouwang_observations{division="52"})'
        ask(daemon)
        daemon.visit_by_lot()
        wait_until(f"Prometheus shows the {accepted} observations that were receipted",
                   lambda: prometheus.value(stored) == accepted, PATIENCE_S, parts.check_all_run)
        return check_until_settled(prometheus, parts.check_all_run)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prometheus", help="URL of a running Prometheus")
    parser.add_argument("--programs", help="folder of shouwangd and the others")
    parser.add_argument("--divisions", help="china-division's dist folder")
    arguments = parser.parse_args()
    if arguments.prometheus:
        return check_until_settled(peers.Prometheus(arguments.prometheus))
    if not arguments.programs or not arguments.divisions:
        parser.error("either --prometheus, or --programs and --divisions")
    if not os.path.exists(arguments.divisions):
        print(f"{arguments.divisions} is not there; deploy/npm_pack brings it")
        return SKIPPED
    return check_whole(arguments.programs, arguments.divisions)


if __name__ == "__main__":
    sys.exit(main())
