"""Figures (name, system, value, unit) as a table that a person reads."""

COLUMNS = ("ingest", "bytes_per_value", "history_p50", "history_p99", "county_mean",
           "county_share", "peak_memory")
SCALES = {"values/s": (1e6, "M/s", 2), "bytes": (1, "B", 2), "us": (1e3, "ms", 2),
          "ms": (1, "ms", 1), "fsyncs/s": (1, "/s", 0)}


def shown(name, value, unit):
    if name == "peak_memory":
        return f"{value / 2**20:.0f} MiB"
    scale, word, digits = SCALES[unit]
    return f"{value / scale:.{digits}f} {word}"


def lines(figures, promises, absent):
    """Markdown: a row for each system in the order it comes, a column for each figure."""
    systems = list(dict.fromkeys(system for _, system, _, _ in figures))
    cells = {(system, name): shown(name, value, unit) for name, system, value, unit in figures
             if name in COLUMNS}
    yield "| system | " + " | ".join(COLUMNS) + " | what its answer promises |"
    yield "|---" * (len(COLUMNS) + 2) + "|"
    for system in systems:
        row = [cells.get((system, name), "") for name in COLUMNS]
        yield "| " + " | ".join([system, *row, promises.get(system, "")]) + " |"
    for system, why in absent:
        yield f"| {system} | {why} |" + " |" * len(COLUMNS)
