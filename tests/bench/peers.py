"""The peers, each as its users would run it from Debian's package: on loopback, on ports of the
kernel's choice, with its state in a folder of its own, ended by its own pid.

A Peer is started by its `with` block. It knows how to be asked for its figures and what its answers
must be; tests/bench/comparison.py sends it the panel and takes the times.
"""

import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "end_to_end"))

from programs import Process, free_port, wait_until  # noqa: E402

DAY_S = 86_400
# Asked so long after a report: VictoriaMetrics does not see a sample of the very instant.
AFTER_S = 1
ANSWER_LIMIT_S = 1800
# A store whose files stay as they are for so long has nothing left to compact.
QUIET_S = 10


def ask(url, body=None):
    """The answer as text. RuntimeError with the peer's own words where it refuses."""
    try:
        with urllib.request.urlopen(url, data=body, timeout=ANSWER_LIMIT_S) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        words = error.read().decode(errors="replace")[:500]
        raise RuntimeError(f"{url[:200]}: {error.code}: {words}") from error


def size_of(folder, ignored=()):
    """Bytes of all files below it, but for folders of an ignored name."""
    total = 0
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in ignored]
        for name in files:
            try:
                total += os.path.getsize(os.path.join(at, name))
            except FileNotFoundError:  # a merge took it away
                pass
    return total


def wait_until_quiet(folder, what):
    """Until the files below it have kept their names for QUIET_S."""
    seen = [None, 0]

    def is_quiet():
        now = sorted((at, tuple(sorted(names))) for at, _, names in os.walk(folder))
        if now != seen[0]:
            seen[:] = [now, time.monotonic()]
        return time.monotonic() - seen[1] > QUIET_S
    wait_until(is_quiet, what, ANSWER_LIMIT_S)


def peak_memory_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/{pid}/status has no VmHWM")


class Peer:
    """What is the same of all of them. `expected` is an Expected."""

    package = ""
    program = ""
    promises = ""
    body_format = ""
    try_again = ""
    headers = ()
    ready_path = "/"

    def __init__(self, folder, expected):
        self.folder = folder
        self.expected = expected
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None
        os.makedirs(folder)

    @classmethod
    def path(cls):
        return shutil.which(cls.program, path=os.environ.get("PATH", "") + ":/usr/sbin")

    def __enter__(self):
        self.start()
        self.prepare()
        return self

    def __exit__(self, *_):
        self.process.end(signal.SIGTERM)

    def start(self):
        self.process = Process(self.program, [self.path(), *self.arguments()], self.folder)
        wait_until(self.is_ready, f"{self.program} on {self.base}")

    def is_ready(self):
        if not self.process.running():
            raise RuntimeError(f"{self.program} ended:\n{self.process.tail()}")
        try:
            ask(self.base + self.ready_path)
            return True
        except (OSError, RuntimeError):
            return False

    def peak_memory(self):
        return peak_memory_bytes(self.process.pid)

    def prepare(self):
        """Tables and the like, before the first insert."""

    def held(self):
        """{indicator: (count, sum in the indicator's unit)} over everything."""
        raise NotImplementedError

    def check(self):
        self.expected.check_held(self.held())


class ClickHouse(Peer):
    """A MergeTree ordered by household and date, values as scaled Int32."""

    package = "clickhouse-server"
    program = "clickhouse-server"
    promises = ("no fsync before the answer; an old value is a second row until the reader "
                "chooses; no warnings")
    try_again = "Too many parts"
    ready_path = "/ping"
    compression = ""

    def arguments(self):
        config = os.path.join(self.folder, "config.xml")
        places = "".join(f"<{name}>{os.path.join(self.folder, name)}/</{name}>"
                         for name in ("path", "tmp_path", "user_files_path",
                                      "format_schema_path"))
        with open(config, "w", encoding="utf-8") as file:
            file.write(
                "<yandex><logger><level>warning</level><console>1</console></logger>"
                f"<http_port>{self.port}</http_port><tcp_port>{free_port()}</tcp_port>"
                f"<listen_host>127.0.0.1</listen_host>{places}"
                # As in the package's own config.xml.
                "<mark_cache_size>5368709120</mark_cache_size>"
                "<uncompressed_cache_size>8589934592</uncompressed_cache_size>"
                f"<timezone>UTC</timezone>{self.compression}"
                "<users_config>users.xml</users_config><default_profile>default</default_profile>"
                "<default_database>default</default_database></yandex>\n")
        with open(os.path.join(self.folder, "users.xml"), "w", encoding="utf-8") as file:
            file.write("<yandex><profiles><default></default></profiles><users><default>"
                       "<password></password><networks><ip>127.0.0.1</ip></networks>"
                       "<profile>default</profile><quota>default</quota></default></users>"
                       "<quotas><default></default></quotas></yandex>\n")
        return [f"--config-file={config}"]

    def query(self, text):
        return ask(self.base + "/", text.encode())

    def rows(self, text):
        return json.loads(self.query(text + " FORMAT JSONCompact"))["data"]

    def prepare(self):
        self.query(f"CREATE TABLE panel ({self.columns()}) ENGINE = MergeTree "
                   f"PARTITION BY tuple() ORDER BY ({self.order})")

    def insert_url(self):
        return self.base + "/?query=" + urllib.parse.quote("INSERT INTO panel FORMAT Native")

    def compacted_bytes(self):
        wait_until(self.is_one_part, "ClickHouse's merge into one part", ANSWER_LIMIT_S)
        return int(self.rows("SELECT sum(bytes_on_disk) FROM system.parts "
                             "WHERE active AND table = 'panel'")[0][0])

    def is_one_part(self):
        # Does nothing while other merges run.
        self.query("OPTIMIZE TABLE panel FINAL")
        return int(self.rows("SELECT count() FROM system.parts "
                             "WHERE active AND table = 'panel'")[0][0]) == 1

    def county_mean(self):
        means = {}
        scale = self.expected.scale
        for county, _, mean in self.rows(
                f"SELECT intDiv(village, 1000000) AS county, date, avg({self.value}) FROM panel "
                f"{self.of_first('WHERE')} GROUP BY county, date ORDER BY county, date"):
            means.setdefault(str(county), []).append(mean / scale)
        return means

    def county_share(self):
        return {str(county): share for county, share in self.rows(
            f"SELECT intDiv(village, 1000000) AS county, avg({self.value} < "
            f"{self.expected.line_scaled}) FROM panel WHERE date = toDate({self.expected.days[-1]})"
            f" {self.of_first('AND')} GROUP BY county")}


class ClickHouseWide(ClickHouse):
    """A column for each indicator."""

    body_format = "clickhouse-wide"
    order = "village, household, date"

    def columns(self):
        return "village UInt64, household UInt16, date Date, " + ", ".join(
            f"{name} Int32" for name in self.expected.names)

    @property
    def value(self):
        return self.expected.names[0]

    def of_first(self, _):
        return ""

    def held(self):
        sums = ", ".join(f"sum({name})" for name in self.expected.names)
        count, *totals = self.rows(f"SELECT count(), {sums} FROM panel")[0]
        return {indicator["name"]: (int(count), int(total) / 10 ** indicator["decimals"])
                for indicator, total in zip(self.expected.indicators, totals)}


class ClickHouseWideZstd(ClickHouseWide):
    """The same with zstd for every part, which its default (LZ4) does not use."""

    compression = ("<compression><case><min_part_size>0</min_part_size>"
                   "<min_part_size_ratio>0</min_part_size_ratio><method>zstd</method></case>"
                   "</compression>")


class ClickHouseNarrow(ClickHouse):
    """A row for each value."""

    body_format = "clickhouse-narrow"
    order = "village, household, indicator, date"
    value = "value"

    def columns(self):
        return "village UInt64, household UInt16, indicator UInt16, date Date, value Int32"

    def of_first(self, word):
        return f"{word} indicator = {self.expected.indicators[0]['id']}"

    def held(self):
        by_id = {indicator["id"]: indicator for indicator in self.expected.indicators}
        return {by_id[number]["name"]: (int(count), int(total) / 10 ** by_id[number]["decimals"])
                for number, count, total in self.rows(
                    "SELECT indicator, count(), sum(value) FROM panel GROUP BY indicator")}


class PromQl(Peer):
    """What Prometheus and VictoriaMetrics are asked: a series for each household and indicator."""

    body_format = "remote-write"
    headers = ("Content-Encoding: snappy", "Content-Type: application/x-protobuf",
               "X-Prometheus-Remote-Write-Version: 0.1.0")

    def insert_url(self):
        return self.base + "/api/v1/write"

    def query(self, expression, day):
        url = self.base + "/api/v1/query?" + urllib.parse.urlencode(
            {"query": expression, "time": day * DAY_S + AFTER_S})
        answer = json.loads(ask(url))
        return [(row["metric"], float(row["value"][1])) for row in answer["data"]["result"]]

    def held(self):
        days = self.expected.days
        window = f"[{days[-1] - days[0] + 1}d]"
        held = {}
        for name in self.expected.names:
            counts = self.query(f"sum(count_over_time({name}{window}))", days[-1])
            sums = self.query(f"sum(sum_over_time({name}{window}))", days[-1])
            held[name] = (int(counts[0][1]), sums[0][1]) if counts and sums else (0, 0)
        return held

    def county_mean(self):
        means = {}
        # One instant query a month: less work than a range, whose steps would fall on every day.
        for day in self.expected.days:
            for labels, mean in self.query(f"avg by (county) ({self.expected.names[0]})", day):
                means.setdefault(labels["county"], []).append(mean)
        return means

    def county_share(self):
        first = self.expected.names[0]
        return {labels["county"]: share for labels, share in self.query(
            f"count by (county) ({first} < {self.expected.line}) / count by (county) ({first})",
            self.expected.days[-1])}


class VictoriaMetrics(PromQl):
    """As packaged; nothing set but the retention and the number of series of a query."""

    package = "victoria-metrics"
    program = "victoria-metrics"
    promises = ("buffered for some seconds after the answer; a corrected value is a second sample; "
                "no warnings by household")
    ready_path = "/health"

    def arguments(self):
        return [f"-storageDataPath={os.path.join(self.folder, 'storage')}",
                f"-httpListenAddr=127.0.0.1:{self.port}", "-retentionPeriod=100y",
                "-search.maxUniqueTimeseries=100000000", "-loggerLevel=WARN"]

    def check(self):
        ask(self.base + "/internal/force_flush")
        super().check()

    def compacted_bytes(self):
        ask(self.base + "/internal/force_flush")
        ask(self.base + "/internal/force_merge")
        wait_until(self.is_merged, "VictoriaMetrics' merge", ANSWER_LIMIT_S)
        # The index is merged in the background, and only there.
        storage = os.path.join(self.folder, "storage")
        wait_until_quiet(os.path.join(storage, "indexdb"), "VictoriaMetrics' merge of its index")
        return size_of(storage, ignored=("cache", "tmp"))

    def is_merged(self):
        metrics = ask(self.base + "/metrics").splitlines()
        active = [line for line in metrics if line.startswith("vm_active_force_merges")]
        return bool(active) and float(active[0].split()[-1]) == 0


class Prometheus(PromQl):
    """With blocks of a year rather than two hours: values come once a month."""

    package = "prometheus"
    program = "prometheus"
    promises = ("its log is not fsynced before the answer; a corrected value is refused; no "
                "warnings by household")
    ready_path = "/-/ready"

    def arguments(self):
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("global: {}\n")
        return [f"--config.file={config}", f"--storage.tsdb.path={self.data}",
                f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
                "--web.enable-remote-write-receiver", "--web.enable-admin-api",
                "--storage.tsdb.retention.time=100y", "--storage.tsdb.min-block-duration=365d",
                "--storage.tsdb.max-block-duration=3650d", "--query.max-samples=1000000000"]

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    def compacted_bytes(self):
        """Of a snapshot: the head is written out as the block that it would become."""
        answer = json.loads(ask(self.base + "/api/v1/admin/tsdb/snapshot", b""))
        return size_of(os.path.join(self.data, "snapshots", answer["data"]["name"]))


class InfluxDb(Peer):
    """A point for each household's month; shards of a year rather than a week."""

    package = "influxdb"
    program = "influxd"
    body_format = "line-protocol"
    promises = "fsynced; a corrected value replaces the old one, which is gone; no warnings"
    ready_path = "/ping"
    data_options = ""

    def arguments(self):
        config = os.path.join(self.folder, "influxdb.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write("reporting-disabled = true\n"
                       f"bind-address = \"127.0.0.1:{free_port()}\"\n"
                       f"[meta]\ndir = \"{self.folder}/meta\"\n"
                       f"[data]\ndir = \"{self.folder}/data\"\nwal-dir = \"{self.folder}/wal\"\n"
                       "max-series-per-database = 0\nmax-values-per-tag = 0\n"
                       f"{self.data_options}"
                       f"[http]\nbind-address = \"127.0.0.1:{self.port}\"\n"
                       "[monitor]\nstore-enabled = false\n")
        return ["-config", config]

    def prepare(self):
        ask(self.base + "/query", urllib.parse.urlencode(
            {"q": "CREATE DATABASE bench WITH DURATION INF SHARD DURATION 52w"}).encode())

    def insert_url(self):
        return self.base + "/write?db=bench&precision=ms"

    def query(self, text):
        """[statement][series] of what the answer holds."""
        answer = json.loads(ask(self.base + "/query?" + urllib.parse.urlencode(
            {"db": "bench", "epoch": "ms", "q": text})))
        for result in answer["results"]:
            if "error" in result:
                raise RuntimeError(f"{text[:200]}: {result['error']}")
        return [result.get("series", []) for result in answer["results"]]

    def held(self):
        held = {}
        for name in self.expected.names:
            row = self.query(f"SELECT count({name}), sum({name}) FROM report")[0][0]["values"][0]
            held[name] = (row[1], row[2])
        return held

    def compacted_bytes(self):
        """It compacts a shard for good when that was not written to for four hours; started again,
        it is told to do so after a second."""
        self.process.end(signal.SIGTERM)
        self.data_options = ("compact-full-write-cold-duration = \"1s\"\n"
                             "cache-snapshot-write-cold-duration = \"1s\"\n")
        self.start()
        files = os.path.join(self.folder, "data", "bench")
        wait_until_quiet(files, "InfluxDB's compaction")
        return size_of(files) + size_of(os.path.join(self.folder, "wal", "bench"))

    def county_mean(self):
        days = self.expected.days
        series = self.query(
            f"SELECT mean({self.expected.names[0]}) FROM report WHERE time >= {days[0]}d AND "
            f"time <= {days[-1]}d GROUP BY time(1d), county fill(none)")[0]
        return {one["tags"]["county"]: [mean for _, mean in one["values"]] for one in series}

    def county_share(self):
        first, day = self.expected.names[0], self.expected.days[-1]
        under, every = self.query(
            f"SELECT count({first}) FROM report WHERE time = {day}d AND "
            f"{first} < {self.expected.line} GROUP BY county; "
            f"SELECT count({first}) FROM report WHERE time = {day}d GROUP BY county")
        counts = {one["tags"]["county"]: one["values"][0][1] for one in under}
        return {one["tags"]["county"]: counts.get(one["tags"]["county"], 0) / one["values"][0][1]
                for one in every}
