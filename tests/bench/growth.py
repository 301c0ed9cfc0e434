"""What tests/bench/scale asks for and promises: sizes, villages, the table, the verdicts."""

import argparse

HOUSEHOLDS_PER_VILLAGE = 320
FULL = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
QUICK = (10_000, 30_000)
# Guizhou first, then the provinces after it in code order, then from the first province on.
FIRST_PROVINCE = "52"
# Rates and memory on the way are taken over so long.
SECONDS_PER_POINT = 5
# The start is measured again after growing for so long.
SECONDS_PER_START = 20

# The targets.
LEAST_OF_THE_START = 0.8
MOST_MEMORY_BYTES = 2**30
MOST_RECOVERY_S = 30

# On the disk at once: values before and while a compaction rewrites them, and the logs.
PEAK_BYTES_PER_VALUE = 2.5
PEAK_BYTES = 2e9

COLUMNS = (
    # name, heading, how it is shown
    ("values", "values", lambda v: f"{v / 1e6:,.0f} M"),
    ("ingest", "ingest", lambda v: f"{v / 1e6:.2f} M/s"),
    ("start_ingest", "the start's, meanwhile", lambda v: f"{v / 1e6:.2f} M/s"),
    ("ingest_per_core", "a core of the daemon", lambda v: f"{v / 1e6:.2f} M/s"),
    ("start_ingest_per_core", "the start's", lambda v: f"{v / 1e6:.2f} M/s"),
    ("daemon_cores", "daemon", lambda v: f"{v:.2f} cores"),
    ("client_cores", "client", lambda v: f"{v:.2f} cores"),
    ("maker_cores", "of it making", lambda v: f"{v:.2f} cores"),
    ("peak_memory", "peak memory", lambda v: f"{v / 2**20:.0f} MiB"),
    ("store_memory", "of it caches", lambda v: f"{v / 2**20:.0f} MiB"),
    ("recovery", "recovery", lambda v: f"{v:.1f} s"),
    ("settling", "settling", lambda v: f"{v:.0f} s"),
    ("disk", "on disk", lambda v: f"{v / 1e6:,.0f} MB"),
    ("history_p50", "history p50", lambda v: f"{v / 1e3:.2f} ms"),
    ("history_p99", "history p99", lambda v: f"{v / 1e3:.2f} ms"),
)


def sizes(text):
    """"100000,300000" for argparse."""
    try:
        found = tuple(int(part.replace("_", "")) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers") from error
    if any(after <= before for before, after in zip((0, *found), found)):
        raise argparse.ArgumentTypeError(f"'{text}' does not ascend from above 0")
    return found


def villages_for(households):
    """Whole villages, so that a step never adds to a village of the step before."""
    return -(-households // HOUSEHOLDS_PER_VILLAGE)


def first_villages(codes, count):
    """`count` villages of `codes` (of any level) from FIRST_PROVINCE on, ascending by code. The
    order in which a store grows is theirs, so provinces before the first come last: ValueError."""
    villages = sorted(code for code in codes if len(code) == 12 and code[:2] >= FIRST_PROVINCE)
    if count > len(villages):
        raise ValueError(f"{count} villages are needed, provinces from {FIRST_PROVINCE} on have "
                         f"{len(villages)}")
    return villages[:count]


class Pauses:
    """When a clock ran on that is told from time to time, though nothing else did."""

    def __init__(self):
        self._pauses = []

    def add(self, at, length):
        """It was told to be `at` when the pause began."""
        self._pauses.append((at, length))

    def without(self, seconds):
        """What is told just before a pause is heard of after it."""
        return seconds - sum(length for at, length in self._pauses if seconds > at + length / 2)


def bytes_needed(values):
    return PEAK_BYTES + PEAK_BYTES_PER_VALUE * values


def by_size(figures):
    """[(households, {name: value})] of the sizes that were reached, in order. Where the start was
    not measured beside a size, the first size is its start."""
    steps = {}
    for figure in figures:
        if not figure["name"].endswith("_now"):
            steps.setdefault(figure["households"], {})[figure["name"]] = figure["value"]
    steps = sorted(steps.items())
    for _, found in steps:
        for name in ("ingest", "ingest_per_core"):
            found.setdefault("start_" + name, steps[0][1][name])
    return steps


def table(figures):
    """Markdown: a row for each size."""
    yield "| households | " + " | ".join(heading for _, heading, _ in COLUMNS) + \
        " | bytes a value |"
    yield "|---" * (len(COLUMNS) + 2) + "|"
    for households, found in by_size(figures):
        cells = [shown(found[name]) for name, _, shown in COLUMNS]
        yield "| " + " | ".join(
            [f"{households:,}", *cells, f"{found['disk'] / found['values']:.2f}"]) + " |"


def verdicts(figures):
    """[(kept, words)] for each target."""
    steps = by_size(figures)
    ratio = steps[-1][1]["ingest"] / steps[-1][1]["start_ingest"]
    memory = max(found["peak_memory"] for _, found in steps)
    recovery = max(found["recovery"] for _, found in steps)
    return [
        (ratio >= LEAST_OF_THE_START,
         f"throughput at {steps[-1][0]:,} households is {ratio:.0%} of that at {steps[0][0]:,}; "
         f"at least {LEAST_OF_THE_START:.0%}"),
        (memory < MOST_MEMORY_BYTES,
         f"memory at most {memory / 2**20:.0f} MiB; under {MOST_MEMORY_BYTES / 2**20:.0f} MiB"),
        (recovery < MOST_RECOVERY_S,
         f"recovery after kill -9 at most {recovery:.1f} s; under {MOST_RECOVERY_S} s"),
    ]
