#!/usr/bin/env python3
"""What is accepted of a peer's answer, and how the table tells it."""

import unittest

import comparison
import table
from expected import Expected, Wrong

FOUND = {
    "line": 100_000,
    "days": [18292, 18321],
    "indicators": [
        {"name": "wage_income", "id": 1, "decimals": 2, "count": 4, "sum": 410_050},
        {"name": "household_size", "id": 9, "decimals": 0, "count": 4, "sum": 11},
    ],
    "counties": {"910101": {"households": 2, "under": 1, "sums": [200_000, 210_050]}},
}


class ExpectedTest(unittest.TestCase):
    def setUp(self):
        self.expected = Expected(FOUND)

    def test_the_line_is_in_the_first_indicators_unit(self):
        self.assertEqual(1000, self.expected.line)
        self.assertEqual(["wage_income", "household_size"], self.expected.names)

    def test_takes_what_was_sent(self):
        self.expected.check_held({"wage_income": (4, 4100.5), "household_size": (4, 11)})
        self.expected.check_means({"910101": [1000, 1050.25]})
        self.expected.check_shares({"910101": 0.5})

    def test_takes_the_rounding_of_doubles(self):
        self.expected.check_held({"wage_income": (4, 4100.5000000001), "household_size": (4, 11)})

    def test_refuses_a_value_that_is_missing(self):
        with self.assertRaisesRegex(Wrong, "wage_income: holds 3 values"):
            self.expected.check_held({"wage_income": (3, 4100.5), "household_size": (4, 11)})

    def test_refuses_a_cent_too_much(self):
        with self.assertRaisesRegex(Wrong, "410050 scaled by 2 decimals"):
            self.expected.check_held({"wage_income": (4, 4100.51), "household_size": (4, 11)})

    def test_refuses_an_indicator_that_is_not_there(self):
        with self.assertRaisesRegex(Wrong, "household_size: holds 0 values"):
            self.expected.check_held({"wage_income": (4, 4100.5)})

    def test_refuses_means_of_another_month_or_too_few(self):
        for means in ({"910101": [1050.25, 1000]}, {"910101": [1000]}, {}):
            with self.assertRaisesRegex(Wrong, "means of county 910101"):
                self.expected.check_means(means)

    def test_refuses_another_share(self):
        for shares in ({"910101": 0.51}, {}):
            with self.assertRaisesRegex(Wrong, "share of county 910101"):
                self.expected.check_shares(shares)


class TableTest(unittest.TestCase):
    def test_has_a_row_for_each_system_and_says_what_is_missing(self):
        figures = [("ingest", "shouwang", 12_300_000, "values/s"),
                   ("full_scan", "shouwang", 1, "values/s"),
                   ("peak_memory", "shouwang", 512 * 2**20, "bytes"),
                   ("history_p50", "peer", 1500, "us"),
                   ("ingest", "the disk's own fsync", 132.4, "fsyncs/s")]
        found = list(table.lines(figures, {"shouwang": "fsynced"}, [("influxdb", "missing: x")]))
        self.assertEqual([
            "| system | ingest | bytes_per_value | history_p50 | history_p99 | county_mean | "
            "county_share | peak_memory | what its answer promises |",
            "|---|---|---|---|---|---|---|---|---|",
            "| shouwang | 12.30 M/s |  |  |  |  |  | 512 MiB | fsynced |",
            "| peer |  |  | 1.50 ms |  |  |  |  |  |",
            "| the disk's own fsync | 132 /s |  |  |  |  |  |  |  |",
            "| influxdb | missing: x | | | | | | | |"], found)


class CasesTest(unittest.TestCase):
    def test_every_system_has_its_own_name_and_says_what_it_promises(self):
        names = [case[0] for case in comparison.CASES]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertTrue(comparison.promises()[name])

    def test_a_part_of_the_months_is_at_least_one(self):
        panel = comparison.Panel(10, 2, 12, 4)
        self.assertEqual(1, panel.first_months(1 / 12).months)
        self.assertEqual(1, panel.first_months(1 / 36).months)
        self.assertEqual(3, panel.first_months(1 / 4).months)


if __name__ == "__main__":
    unittest.main()
