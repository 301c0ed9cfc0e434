"""Every peer and every limit over one panel: figures as (name, system, value, unit)."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from expected import Expected
from peers import (ClickHouseNarrow, ClickHouseWide, ClickHouseWideZstd, InfluxDb,
                   Prometheus, VictoriaMetrics)
from programs import program, run

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.abspath(os.path.join(HERE, "..", ".."))
CATALOGUE = os.path.join(REPOSITORY, "deploy", "catalogue.yaml")

# Name, peer, its rows in one insert, and the part of the months that is sent: small inserts of
# single values are so slow that a part of the panel tells as much; only the insert is timed there.
CASES = (
    ("clickhouse wide 500", ClickHouseWide, 500, 1),
    ("clickhouse wide 10000", ClickHouseWide, 10_000, 1),
    ("clickhouse wide zstd 10000", ClickHouseWideZstd, 10_000, 1),
    ("clickhouse narrow 500", ClickHouseNarrow, 500, 1 / 36),
    ("clickhouse narrow 10000", ClickHouseNarrow, 10_000, 1),
    ("victoriametrics", VictoriaMetrics, 10_000, 1),
    ("prometheus", Prometheus, 10_000, 1),
    ("influxdb", InfluxDb, 10_000, 1),
)
SHOUWANG_PROMISES = "fsynced in one commit; old values kept; rules evaluated, warnings in it"
RUNS = 5
# No more runs of one question than fit in this.
RUNS_LIMIT_S = 20


def ask_tool(name, panel, *arguments):
    """A program of ours that prints JSON. RuntimeError with its words where it fails."""
    found = run(program(name), "--catalogue", CATALOGUE, "--households", str(panel.households),
                "--indicators", str(panel.indicators), "--months", str(panel.months), *arguments,
                limit_s=4 * 3600)
    if found.code != 0:
        raise RuntimeError(f"{name} {arguments[0]}: exit {found.code}: {found.err.strip()}")
    return json.loads(found.out)


class Panel:
    """The sizes that all share."""

    def __init__(self, households, indicators, months, streams, samples=2000):
        self.households = households
        self.indicators = indicators
        self.months = months
        self.streams = streams
        self.samples = samples

    def first_months(self, part):
        return Panel(self.households, self.indicators, max(1, int(self.months * part)),
                     self.streams, self.samples)


def expected_of(panel):
    return Expected(ask_tool("shouwang_bench_peers", panel, "expected"))


def timed(question):
    """The median of some runs in milliseconds, and the answer."""
    times = []
    while len(times) < RUNS and sum(times) < RUNS_LIMIT_S * 1000:
        start = time.perf_counter()
        answer = question()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), answer


def sending(peer_class, rows, panel):
    arguments = ["--format", peer_class.body_format, "--rows", str(rows),
                 "--connections", str(panel.streams)]
    for header in peer_class.headers:
        arguments += ["--header", header]
    if peer_class.try_again:
        arguments += ["--try-again", peer_class.try_again]
    return arguments


def measure_peer(system, peer_class, rows, part, panel, folder):
    whole = part == 1
    panel = panel if whole else panel.first_months(part)
    expected = expected_of(panel)
    figures = []

    def add(name, value, unit):
        figures.append((name, system, value, unit))
    with peer_class(folder, expected) as peer:
        inserted = ask_tool("shouwang_bench_peers", panel, "insert", "--url", peer.insert_url(),
                            *sending(peer_class, rows, panel))
        peer.check()
        add("ingest", inserted["values_per_second"], "values/s")
        if inserted["sent_again"]:
            print(f"{system}: refused {inserted['sent_again']} inserts with "
                  f"'{peer.try_again}', which were sent again", file=sys.stderr)
        if whole:
            memory = peer.peak_memory()
            add("bytes_per_value", peer.compacted_bytes() / inserted["values"], "bytes")
            peer.check()
            history = ask_tool("shouwang_bench_peers", panel, "history", "--url", peer.base,
                               "--format", peer.body_format, "--samples", str(panel.samples))
            add("history_p50", history["history_p50_us"], "us")
            add("history_p99", history["history_p99_us"], "us")
            mean_ms, means = timed(peer.county_mean)
            expected.check_means(means)
            add("county_mean", mean_ms, "ms")
            share_ms, shares = timed(peer.county_share)
            expected.check_shares(shares)
            add("county_share", share_ms, "ms")
            # Of both processes, where compaction needed a second one.
            add("peak_memory", max(memory, peer.peak_memory()), "bytes")
        else:
            add("peak_memory", peer.peak_memory(), "bytes")
    return figures


def measure_limits(panel, folder):
    found = ask_tool("shouwang_bench_limits", panel, "--folder", folder, "--streams",
                     str(panel.streams))
    figures = [
        ("ingest", "limit: rocksdb, one fsync per batch", found["synced_values_per_second"],
         "values/s"),
        ("bytes_per_value", "limit: rocksdb, one fsync per batch", found["bytes_per_value"],
         "bytes"),
        ("ingest", "limit: rocksdb, no fsync", found["unsynced_values_per_second"], "values/s"),
        ("ingest", "limit: grpc that only acknowledges",
         found["acknowledged_values_per_second"], "values/s"),
        ("trickle", "limit: grpc that only acknowledges",
         found["acknowledged_reports_per_second"], "reports/s"),
        ("ingest", "limit: the disk's own fsync", found["syncs_per_second"], "fsyncs/s"),
    ]
    for body_format, rows in (("clickhouse-wide", 500), ("clickhouse-wide", 10_000),
                              ("clickhouse-narrow", 10_000), ("remote-write", 10_000),
                              ("line-protocol", 10_000)):
        sent = ask_tool("shouwang_bench_peers", panel, "sink", "--format", body_format, "--rows",
                        str(rows), "--connections", str(panel.streams))
        figures.append(("ingest", f"limit: sender alone, {body_format} {rows}",
                        sent["values_per_second"], "values/s"))
    return figures


def install():
    """Debian's packages; a peer that cannot be had is told as missing later."""
    subprocess.run([os.path.join(REPOSITORY, "deploy", "install_packages"), "peers"], check=False)


def measure_all(panel, folder, only=None):
    """Figures, and what is missing or failed: [(system, why)]."""
    install()
    figures, absent = [], []
    for system, peer_class, rows, part in CASES:
        if only and not any(word in system for word in only):
            continue
        if peer_class.path() is None:
            absent.append((system, f"missing: no {peer_class.program}, which Debian's "
                                   f"{peer_class.package} brings"))
            continue
        print(f"{system} ...", file=sys.stderr, flush=True)
        state = os.path.join(folder, system.replace(" ", "_"))
        try:
            figures += measure_peer(system, peer_class, rows, part, panel, state)
        except (RuntimeError, TimeoutError, OSError, KeyError, IndexError, ValueError) as error:
            absent.append((system, f"failed: {error}"))
        finally:
            shutil.rmtree(state, ignore_errors=True)
    print("limits ...", file=sys.stderr, flush=True)
    figures += measure_limits(panel, os.path.join(folder, "limits"))
    return figures, absent


def promises():
    """{system: what it promises at the answer}."""
    return {"shouwang": SHOUWANG_PROMISES} | {
        system: peer_class.promises for system, peer_class, _, _ in CASES}
