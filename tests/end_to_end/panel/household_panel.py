"""The household panel 2003-2009 (household_panel_2003_2009.csv.gz), read on its own.

Nothing here is shared with the programs under test: the check of what they stored needs a count
and a reading that they had no part in. Divisions are synthetic: codes under 90 that no place in
China has, made from the survey's region, agglomeration and dwelling number.
"""

import calendar
import csv
import datetime
import gzip
import os
from decimal import Decimal

NAME = "household_panel_2003_2009.csv.gz"
KEYS = ("region", "agglomeration", "household", "period")


def path():
    here = os.path.dirname(os.path.abspath(__file__))
    repository = os.path.abspath(os.path.join(here, "..", "..", ".."))
    folder = os.environ.get("SHOUWANG_REAL_DATA", os.path.join(repository, "..", "shared", "data"))
    return os.path.join(folder, NAME)


def rows():
    with gzip.open(path(), "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def village(row):
    """90, region, agglomeration, township 1DD, village 20D of dwelling DDDxxx."""
    dwelling = row["household"].split("-")[0]
    county = f"90{int(row['region']):02}{int(row['agglomeration']):02}"
    return f"{county}1{dwelling[:2]}20{dwelling[2]}"


def subject(row):
    """Dwelling 125303, home 1: number 3031 of its village."""
    dwelling, home = row["household"].split("-")
    return f"{village(row)}/{int(dwelling[3:] + home)}"


def day(row):
    """The last day of the quarter."""
    year, quarter = row["period"].split("-Q")
    month = int(quarter) * 3
    return datetime.date(int(year), month, calendar.monthrange(int(year), month)[1])


def indicators(row):
    """{name: the cell as Decimal} of the cells that are filled."""
    return {name: Decimal(cell) for name, cell in row.items() if name not in KEYS and cell != ""}


def histories():
    """{subject: {indicator: {date: Decimal}}} of the whole file."""
    result = {}
    for row in rows():
        history, date = result.setdefault(subject(row), {}), day(row)
        for name, cell in indicators(row).items():
            if date in history.setdefault(name, {}):
                raise ValueError(f"{subject(row)} {name} {date} stands twice in the panel")
            history[name][date] = cell
    return result
