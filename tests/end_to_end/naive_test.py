#!/usr/bin/env python3
"""The second opinion itself, held to literal expectations."""

import datetime
import os
import tempfile
import unittest

import naive

POLICY = """
version: 7
effective_from: 2020-01-01
constants:
  - {name: line, value: 100}
features:
  - {name: income_pp, kind: last, of: [income], per: size, window_months: 3}
  - {name: year_change, kind: change, of: [income], window_months: 3, compare_months: 12}
  - {name: children_now, kind: last, of: [children], window_months: 3}
rules:
  - {id: 1, name: below, kind: income, severity: red, applies_to: household,
     when: income_pp < line, clear_when: income_pp >= line, hold_months: 3}
  - {id: 2, name: fell, kind: income, severity: orange, applies_to: household,
     when: year_change <= -0.3}
  - {id: 3, name: children, kind: income, severity: yellow, applies_to: household,
     when: children_now > 0 and income_pp < line}
  - {id: 4, name: not_unknown, kind: income, severity: yellow, applies_to: household,
     when: not (children_now > 0) or income_pp < 0}
"""


def day(text):
    return datetime.date.fromisoformat(text)


def history(**columns):
    return {name: {day(d): v for d, v in column.items()} for name, column in columns.items()}


class NaiveTest(unittest.TestCase):
    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            file.write(POLICY)
        self.policy = naive.Policy(file.name)
        os.unlink(file.name)

    def opened(self, **columns):
        found = naive.evaluate([self.policy], "household", history(**columns))
        return {name: str(warning.opened_on) for name, warning in found.items()}

    def test_months_end_where_the_shorter_month_ends(self):
        self.assertEqual(naive.plus_months(day("2026-03-31"), -1), day("2026-02-28"))
        self.assertEqual(naive.plus_months(day("2024-01-31"), 1), day("2024-02-29"))
        self.assertEqual(naive.plus_months(day("2025-12-31"), 1), day("2026-01-31"))
        self.assertEqual(naive.whole_months(day("2025-12-31"), day("2026-02-28")), 2)
        self.assertEqual(naive.whole_months(day("2025-12-15"), day("2026-02-14")), 1)

    def test_windows_are_whole_calendar_months(self):
        window = [d for d in ("2026-03-31", "2026-04-01", "2026-06-15", "2026-06-16")
                  if naive.in_months_to(day("2026-06-15"), 3, day(d))]
        self.assertEqual(window, ["2026-04-01", "2026-06-15"])

    def test_unknown_is_neither_true_nor_false(self):
        self.assertIs(naive.conjunction([None, False]), False)
        self.assertIs(naive.conjunction([None, True]), None)
        self.assertIs(naive.disjunction([None, True]), True)
        self.assertIs(naive.disjunction([None, False]), None)
        self.assertIs(naive.negation(None), None)

    def test_functions_are_unknown_of_what_they_do_not_take(self):
        def value(text):
            return naive.judge(naive.parse(text), {"x": -1.0, "none": None})
        self.assertAlmostEqual(value("phi(1.959964)"), 0.975, places=6)
        self.assertAlmostEqual(value("ln(exp(2)) + sqrt(9)"), 5)
        for text in ("ln(x)", "sqrt(x)", "exp(none)", "min(1, none)"):
            self.assertIsNone(value(text), text)

    def test_logarithms_are_weighted_by_age(self):
        feature = {"kind": "log_mean", "of": ["income"], "minus": [], "total": [],
                   "window_months": 60, "half_life_months": 48}
        known = history(income={"2021-01-31": 1, "2025-01-31": 100})
        today = day("2025-01-31")
        self.assertAlmostEqual(naive.compute(feature, known, today, {}), 3.070113, places=6)
        spread = dict(feature, kind="log_spread")
        self.assertAlmostEqual(naive.compute(spread, known, today, {}), 2.170898, places=6)
        self.assertIsNone(naive.compute(dict(spread, window_months=1), known, today, {}))

    def test_warning_opens_on_the_first_date_it_holds(self):
        size = {"2024-03-31": 2, "2024-06-30": 2}
        self.assertEqual(self.opened(income={"2024-03-31": 150, "2024-06-30": 90}, size=size),
                         {"below": "2024-03-31"})

    def test_warning_stays_until_the_hold_has_passed(self):
        size = {"2024-03-31": 1}
        one = {"2024-03-31": 50, "2024-06-30": 200}
        self.assertEqual(self.opened(income=one, size=size), {"below": "2024-03-31"})
        two = dict(one, **{"2024-09-30": 200})
        self.assertEqual(self.opened(income=two, size=size), {})
        broken = dict(one, **{"2024-09-29": 200})
        self.assertEqual(self.opened(income=broken, size=size), {"below": "2024-03-31"})

    def test_change_needs_the_year_before(self):
        size = {"2023-06-30": 1}
        self.assertEqual(self.opened(income={"2023-06-30": 1000, "2024-06-30": 700}, size=size),
                         {"fell": "2024-06-30"})
        self.assertEqual(self.opened(income={"2024-06-30": 700}, size={"2024-06-30": 1}), {})

    def test_missing_children_make_the_rule_unknown(self):
        columns = {"income": {"2024-06-30": 50}, "size": {"2024-06-30": 1}}
        self.assertEqual(self.opened(**columns), {"below": "2024-06-30"})
        self.assertEqual(self.opened(children={"2024-06-30": 2}, **columns),
                         {"below": "2024-06-30", "children": "2024-06-30"})
        self.assertEqual(self.opened(children={"2024-06-30": 0}, **columns),
                         {"below": "2024-06-30", "not_unknown": "2024-06-30"})


if __name__ == "__main__":
    unittest.main()
