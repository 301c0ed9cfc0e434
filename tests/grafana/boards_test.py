#!/usr/bin/env python3
"""Tests the test: variables, substitution and regular expressions as Grafana treats them, and that
a query without data is found."""

import os
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import boards  # noqa: E402
import query_test  # noqa: E402


class Answers:
    """A Prometheus that knows the answers to some expressions."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def query(self, expression):
        self.asked.append(expression)
        return self.answers.get(expression, [])

    def query_range(self, expression, *_):
        return [(labels, [value]) for labels, value in self.query(expression)]


INFO = [({"__name__": "shouwang_division_info", "division": "52", "name": "贵州省",
          "parent": "", "level": "province"}, 1.0)]


class SubstitutionTest(unittest.TestCase):
    def test_both_spellings_and_the_rate_interval(self):
        self.assertEqual(
            'rate(a{b="52",c=~"52[0-9]{4}"}[30s])',
            boards.substituted('rate(a{b="$province",c=~"${province}[0-9]{4}"}[$__rate_interval])',
                               {"province": "52"}))

    def test_a_variable_without_a_value_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "county"):
            boards.substituted('a{b="$county"}', {"province": "52"})

    def test_a_longer_name_is_another_variable(self):
        with self.assertRaisesRegex(ValueError, "siteName"):
            boards.substituted("$siteName", {"site": "x"})


class VariableTest(unittest.TestCase):
    def test_query_result_is_read_through_the_expression_for_its_value(self):
        self.assertEqual(["52"], query_test.variable_values(
            Answers({'shouwang_division_info{division=~"[0-9]{2}"}': INFO}),
            'query_result(shouwang_division_info{division=~"[0-9]{2}"})',
            '/division="(?<value>[0-9]+)".*name="(?<text>[^"]+)"/'))

    def test_label_values_are_sorted_and_single(self):
        answers = Answers({"shouwang_build_info": [({"job": "b"}, 1), ({"job": "a"}, 1),
                                                   ({"job": "b"}, 1), ({}, 1)]})
        self.assertEqual(["a", "b"], query_test.variable_values(
            answers, "label_values(shouwang_build_info, job)", ""))

    def test_a_variable_without_any_value_is_an_error(self):
        board = boards.load()["province.json"]
        with self.assertRaisesRegex(query_test.LoopbackError, "province has no value"):
            query_test.fill_variables(Answers({}), board)


class CheckTest(unittest.TestCase):
    def test_a_query_without_data_is_told_by_board_panel_and_expression(self):
        panel = {"type": "stat", "title": "农户 / Households",
                 "targets": [{"expr": "full", "instant": True}, {"expr": "line", "instant": False},
                             {"expr": "bare", "instant": False}, {"expr": "nan", "instant": True}]}
        board = {"uid": "b", "panels": [panel], "templating": {"list": [{"type": "datasource"}]}}
        with mock.patch.object(boards, "load", lambda: {"b.json": board}):
            count, empty = query_test.check_boards(Answers({
                "full": [({}, 1.0)], "line": [({}, 2.0)], "nan": [({}, float("nan"))]}))
        self.assertEqual(4, count)
        self.assertEqual(["b.json: 农户 / Households: bare", "b.json: 农户 / Households: nan"],
                         empty)


if __name__ == "__main__":
    unittest.main()
