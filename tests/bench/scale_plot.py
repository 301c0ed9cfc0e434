#!/usr/bin/python3
"""scale_plot.py IN.json OUT.png: the figures of tests/bench/scale against the number of households,
with their targets. Runs under Debian's Python, which has its matplotlib."""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot, ticker  # noqa: E402

import growth  # noqa: E402

COLOUR = "#1f5fa8"
FAINT = "#9bbbdc"
TARGET = "#b5332e"


def short(number, _=None):
    for unit, letter in ((1e6, " M"), (1e3, " k")):
        if number >= unit:
            return f"{number / unit:.3g}{letter}"
    return f"{number:g}"


def three_digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def draw(axes, title, label, points, faint=(), target=None):
    """`points`: [(households, value)]; `target`: (the value, or one for each point, and words).
    Zero is always in sight."""
    if faint:
        axes.plot(*zip(*faint), ".", color=FAINT, markersize=3, zorder=1,
                  label=f"each {growth.SECONDS_PER_POINT} s")
    axes.plot(*zip(*points), "o-", color=COLOUR, zorder=3, label="each size")
    if target:
        targets, words = target
        if isinstance(targets, list):
            axes.plot([households for households, _ in points], targets, color=TARGET,
                      linestyle="--", linewidth=1.2, zorder=2, label=words)
        else:
            axes.axhline(targets, color=TARGET, linestyle="--", linewidth=1.2, zorder=2,
                         label=words)
            targets = [targets]
    most = max([value for _, value in [*points, *faint]] + (targets if target else []))
    # Above all points there is room for the legend.
    axes.set_ylim(0, most * 1.3)
    for households, value in points:
        axes.annotate(three_digits(value), (households, value), textcoords="offset points",
                      xytext=(0, 7), ha="center", fontsize=8)
    axes.set_xscale("log")
    axes.set_xticks([households for households, _ in points])
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(short))
    axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    axes.set_title(title, fontsize=11)
    axes.set_xlabel("households in the store")
    axes.set_ylabel(label)
    axes.grid(True, alpha=0.25)
    axes.legend(fontsize=8, loc="upper center", ncol=3)


def main():
    source, out = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        figures = json.load(file)
    steps = growth.by_size(figures)

    def of(name, scale):
        return [(households, found[name] / scale) for households, found in steps]

    def now(name, scale):
        return [(figure["households"], figure["value"] / scale) for figure in figures
                if figure["name"] == name]
    figure, axes = pyplot.subplots(2, 2, figsize=(11, 7.5))
    figure.suptitle("Shouwang: one store as households are added, 12 months each")
    least = [growth.LEAST_OF_THE_START * found["start_ingest"] / 1e6 for _, found in steps]
    draw(axes[0][0], "Ingest: gRPC, rules, fsync before each receipt", "million values a second",
         of("ingest", 1e6), now("ingest_now", 1e6),
         (least, f"target: {growth.LEAST_OF_THE_START:.0%} of the start"))
    draw(axes[0][1], "The daemon's resident memory", "MiB (each size: the peak)",
         of("peak_memory", 2**20), now("memory_now", 2**20),
         (growth.MOST_MEMORY_BYTES / 2**20, "target: under 1 GiB"))
    draw(axes[1][0], "kill -9 and start, files not in the page cache",
         "seconds until GetStatus answers", of("recovery", 1), (),
         (growth.MOST_RECOVERY_S, f"target: under {growth.MOST_RECOVERY_S} s"))
    draw(axes[1][1], "The whole data folder when compactions are done", "bytes a value",
         [(households, found["disk"] / found["values"]) for households, found in steps])
    figure.tight_layout()
    figure.savefig(out, dpi=120)


if __name__ == "__main__":
    main()
