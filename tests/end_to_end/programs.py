"""Starts the real programs on loopback, with folders of their own, and asks them.

Programs are taken from $SHOUWANG_BIN, else build/release/bin. Whatever is started is ended with
the `with` block, by its own pid.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.abspath(os.path.join(HERE, "..", ".."))
BIN = os.environ.get("SHOUWANG_BIN", os.path.join(REPOSITORY, "build", "release", "bin"))
START_LIMIT_S = 120
RUN_LIMIT_S = 1800


def program(name):
    return os.path.join(BIN, name)


def missing(*names):
    """What has to be built or installed first."""
    absent = [program(name) for name in names if not os.access(program(name), os.X_OK)]
    return absent


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_until(condition, what, limit_s=START_LIMIT_S):
    """Polls a condition of another process; nothing here sleeps to be on the safe side."""
    end = time.monotonic() + limit_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not after {limit_s} s")
        time.sleep(0.02)


class Run:
    """A finished command."""

    def __init__(self, completed, seconds):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr
        self.seconds = seconds


def run(*command, limit_s=RUN_LIMIT_S):
    start = time.monotonic()
    completed = subprocess.run(command, capture_output=True, text=True, timeout=limit_s,
                               check=False)
    return Run(completed, time.monotonic() - start)


class Process:
    """A running program whose output goes to a file of its folder."""

    def __init__(self, name, command, folder):
        self.name = name
        self.log = os.path.join(folder, f"{name}.log")
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.poll() is None

    def wait(self, limit_s=RUN_LIMIT_S):
        return self._process.wait(timeout=limit_s)

    def end(self, how=signal.SIGTERM):
        if self.running():
            self._process.send_signal(how)
        try:
            return self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-20:])


class Daemon:
    """shouwangd over a data folder; may be killed and started again on the same ports."""

    def __init__(self, folder, catalogue, divisions, policies, sites="", extra=""):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.config = os.path.join(folder, "shouwangd.yaml")
        self.data = os.path.join(folder, "data")
        self._ready = os.path.join(folder, "ready")
        self._files = (catalogue, divisions, list(policies), sites)
        self._extra = extra
        self._process = None
        self.address = "127.0.0.1:0"
        self.metrics_address = "127.0.0.1:0"

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            if self._process:
                self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def write_config(self):
        catalogue, divisions, policies, sites = self._files
        lines = [
            f"listen: {self.address}",
            f"metrics_listen: {self.metrics_address}",
            f"data_dir: {self.data}",
            f"catalogue: {catalogue}",
            f"divisions: {divisions}",
            "policies:",
        ] + [f"  - {policy}" for policy in policies]
        if sites:
            lines.append(f"sites: {sites}")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n" + self._extra)

    def start(self):
        self.write_config()
        if os.path.exists(self._ready):
            os.unlink(self._ready)
        self._process = Process(
            "shouwangd",
            [program("shouwangd"), "--config", self.config, "--ready-file", self._ready],
            self.folder)
        wait_until(self._is_ready, "shouwangd's ready file")
        return self

    def _is_ready(self):
        if not self._process.running():
            raise RuntimeError("shouwangd ended:\n" + self._process.tail())
        if not os.path.exists(self._ready):
            return False
        with open(self._ready, encoding="utf-8") as file:
            ready = json.load(file)
        self.address, self.metrics_address = ready["grpc"], ready["metrics"]
        return True

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        return self._process.end(signal.SIGTERM)

    def kill(self):
        return self._process.end(signal.SIGKILL)

    def reload(self):
        os.kill(self.pid, signal.SIGHUP)

    def tail(self):
        return self._process.tail()

    def ctl(self, *arguments):
        """A shouwangctl command's JSON."""
        found = run(program("shouwangctl"), "--server", self.address, *arguments, "--json")
        if found.code != 0:
            raise RuntimeError(f"shouwangctl {' '.join(arguments)}: exit {found.code}\n{found.err}")
        return json.loads(found.out)

    def submit_command(self, mapping, files, *options):
        return [program("shouwang-collector"), "submit", "--server", self.address,
                "--mapping", mapping, *options, *files]

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.metrics_address}/metrics", timeout=60) as page:
            return page.read().decode()


class Prometheus:
    """A real Prometheus that scrapes one daemon each second."""

    def __init__(self, folder, target):
        os.makedirs(folder, exist_ok=True)
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                       "scrape_configs:\n"
                       "  - job_name: shouwang\n"
                       f"    static_configs: [{{targets: ['{target}']}}]\n")
        self._address = f"127.0.0.1:{free_port()}"
        self._process = Process("prometheus", [
            shutil.which("prometheus"), f"--config.file={config}",
            f"--storage.tsdb.path={os.path.join(folder, 'tsdb')}",
            f"--web.listen-address={self._address}", "--log.level=warn"], folder)

    @staticmethod
    def installed():
        return shutil.which("prometheus") is not None

    def __enter__(self):
        wait_until(lambda: self.query("up == 1"), "Prometheus' first scrape")
        return self

    def __exit__(self, *_):
        self._process.end()

    def query(self, expression):
        """[(labels, value)]; empty while it is starting."""
        url = f"http://{self._address}/api/v1/query?" + urllib.parse.urlencode(
            {"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=60) as page:
                answer = json.load(page)
        except (urllib.error.URLError, ConnectionError) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code == 400:
                raise
            return []
        return [(row["metric"], float(row["value"][1])) for row in answer["data"]["result"]]
