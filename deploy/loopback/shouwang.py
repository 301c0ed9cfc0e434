"""Starts shouwangd on loopback and drives the programs around it: simulator, collectors, CLI."""

import concurrent.futures
import glob
import json
import os
import subprocess

from .parts import LoopbackError, wait_until
from .peers import ROOT, write

DIVISIONS = os.path.join(ROOT, "build/divisions/dist")
READY_TIMEOUT_S = 120
SUBMIT_TIMEOUT_S = 3600


def run(arguments, timeout_s=600):
    """Runs to the end; an exit code other than 0 is an error that shows what was said."""
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          timeout=timeout_s, check=False)
    if done.returncode != 0:
        raise LoopbackError(f"{' '.join(map(str, arguments))} ended with {done.returncode}:\n"
                            + (done.stdout + done.stderr)[-4000:])
    return done.stdout


class Daemon:
    """A shouwangd with its own folder: configuration, data, ready file."""

    def __init__(self, programs, folder, divisions=DIVISIONS, region="52", sites=None,
                 depth="township", refresh_seconds=5, min_cell=5, alertmanager=None):
        self.programs = programs
        self.folder = folder
        self.ready_file = os.path.join(folder, "ready.json")
        lines = [
            f"data_dir: {os.path.join(folder, 'data')}",
            f"catalogue: {ROOT}/deploy/catalogue.yaml",
            f"divisions: {divisions}",
            f'regions: ["{region}"]',
            *([f"sites: {sites}"] if sites else []),
            f"policies: [{ROOT}/deploy/policies/guizhou_2026.yaml]",
            "metrics:",
            f"  depth: {depth}",
            f"  min_cell: {min_cell}",
            f"  refresh_seconds: {refresh_seconds}",
            *(["alerts:", f"  alertmanagers: ['{alertmanager}']", "  interval_seconds: 15"]
              if alertmanager else []),
        ]
        self.config = write(os.path.join(folder, "shouwangd.yaml"), "\n".join(lines) + "\n")
        self.server = self.metrics_port = None

    def check_config(self):
        return run([self.programs + "/shouwangd", "--config", self.config, "--check-config"])

    def start(self, parts, port=0, metrics_port=0):
        if os.path.exists(self.ready_file):
            os.remove(self.ready_file)
        parts.start("shouwangd", [
            self.programs + "/shouwangd", "--config", self.config, "--listen",
            f"127.0.0.1:{port}", "--metrics-listen", f"127.0.0.1:{metrics_port}", "--ready-file",
            self.ready_file])
        wait_until("shouwangd gets ready", lambda: os.path.exists(self.ready_file),
                   READY_TIMEOUT_S, parts.check_all_run)
        with open(self.ready_file, encoding="utf-8") as file:
            ready = json.load(file)
        self.server = f"127.0.0.1:{ready['grpc_port']}"
        self.metrics_port = ready["metrics_port"]
        return self

    def ctl(self, *arguments):
        return run([self.programs + "/shouwangctl", "--server", self.server, *arguments])

    def status(self):
        return json.loads(self.ctl("status", "--json"))

    def submit(self, mapping, files):
        """One collector process; its summary. Rejected rows are an error."""
        out = run([self.programs + "/shouwang-collector", "submit", "--mapping", mapping,
                   "--server", self.server, "--quiet", "--json", *files], SUBMIT_TIMEOUT_S)
        return json.loads(out.strip().splitlines()[-1])

    def visit_by_lot(self):
        """Each township with a warning draws, and its visitors find one household at risk."""
        warned = json.loads(self.ctl("warnings", "--all", "--kind", "household", "--json"))
        for township in sorted({warning["subject"][:9] for warning in warned}):
            for draw in json.loads(self.ctl("draw", township, "--json")):
                for number, household in enumerate(draw["drawn"]):
                    outcome = "at_risk" if number == 0 else "fine"
                    self.ctl("draw", "record", household["subject"], "--outcome", outcome,
                             "--role", "village", "--actor", "v1")


def simulate(programs, folder, divisions=DIVISIONS, region="52", townships=24, households=25200,
             months=24):
    """Sheets of at least `households` simulated households, one for each township, one for each
    site, and sites.yaml. What the simulator said."""
    each = -(-households // townships)
    return run([programs + "/shouwang-sim", "--divisions", divisions, "--region", region,
                "--townships", townships, "--households", each, "--months", months,
                "--out", folder]).strip()


class Reporting:
    """Several collectors at once, one process for each township; `done` counts the finished."""

    def __init__(self, daemon, sheets, at_once=3):
        self.pool = concurrent.futures.ThreadPoolExecutor(at_once)
        self.jobs = [self.pool.submit(daemon.submit, mapping, files) for mapping, files in sheets]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pool.shutdown(cancel_futures=True)

    def done(self):
        return sum(1 for job in self.jobs if job.done())

    def check(self):
        """Raises what a collector has failed with."""
        for job in self.jobs:
            if job.done() and not job.cancelled():
                job.result()

    def summaries(self):
        return [job.result() for job in self.jobs]


def sheets_of(folder):
    """[(mapping, [files])]: what the simulator wrote, one entry for each sheet."""
    household_mapping = os.path.join(ROOT, "deploy/mappings/simulated_households.yaml")
    site_mapping = os.path.join(ROOT, "deploy/mappings/simulated_sites.yaml")
    households = sorted(glob.glob(os.path.join(folder, "households-*.csv*")))
    sites = sorted(glob.glob(os.path.join(folder, "sites-*.csv*")))
    if not households:
        raise LoopbackError(f"the simulator wrote no sheets of households into {folder}")
    return [(household_mapping, [path]) for path in households] + \
           [(site_mapping, [path]) for path in sites]
