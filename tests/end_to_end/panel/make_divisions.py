#!/usr/bin/env python3
"""Writes divisions.csv for the household panel: make_divisions.py OUT

The codes are SYNTHETIC and name no place in China: province 90, prefectures from the survey's
regions, counties from its agglomerations, townships and villages from dwelling numbers.
"""

import csv
import sys

import household_panel


def divisions():
    names = {"90": "Panel (synthetic)"}
    for row in household_panel.rows():
        code = household_panel.village(row)
        if code in names:
            continue
        names[code[:4]] = f"Region {row['region']}"
        names[code[:6]] = f"Agglomeration {row['agglomeration']}"
        names[code[:9]] = f"Dwellings {code[7:9]}xxxx"
        names[code] = f"Dwellings {code[7:9]}{code[11]}xxx"
    return names


def write(path):
    names = divisions()
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name"])
        writer.writerows(sorted(names.items(), key=lambda item: (len(item[0]), item[0])))


if __name__ == "__main__":
    write(sys.argv[1])
