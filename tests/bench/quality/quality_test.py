#!/usr/bin/env python3
"""The scores and the fit behind warning_quality, on cases small enough to count by hand."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import probit  # noqa: E402
import scores  # noqa: E402


class ScoresTest(unittest.TestCase):
    def test_auc_counts_pairs_and_half_of_the_ties(self):
        # True 3, 2, 2 and false 2, 1: of six pairs four are in order and two are ties.
        self.assertAlmostEqual(scores.auc([3, 2, 2, 2, 1], [True, True, True, False, False]), 5 / 6)
        self.assertEqual(scores.auc([2, 1], [True, False]), 1)
        self.assertEqual(scores.auc([1, 2], [True, False]), 0)
        self.assertEqual(scores.auc([1, 1], [True, False]), 0.5)

    def test_the_top_share_finds_its_part_of_what_is_true(self):
        values = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        truths = [True, False, True, False, True] + [False] * 5
        self.assertEqual(scores.at_top(values, truths, 0.2), (1 / 3, 1 / 2))
        self.assertEqual(scores.at_top(values, truths, 0.5), (1, 3 / 5))

    def test_among_equal_scores_the_expected_part_counts(self):
        recall, precision = scores.at_top([1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
                                          [True, True, False, False] + [True] * 2 + [False] * 4,
                                          0.2)
        self.assertAlmostEqual(recall, 1 / 4)
        self.assertAlmostEqual(precision, 1 / 2)

    def test_calibration_error_is_zero_where_frequencies_are_the_probabilities(self):
        probabilities = [0.25] * 4 + [0.75] * 4
        truths = [True, False, False, False, True, True, True, False]
        self.assertAlmostEqual(scores.calibration_error(probabilities, truths, bins=2), 0)
        self.assertAlmostEqual(scores.calibration_error([0.1] * 8, truths, bins=1), 0.4)


class ProbitTest(unittest.TestCase):
    def test_phi_is_the_normal_distribution(self):
        self.assertAlmostEqual(probit.phi(1.959964), 0.975, places=6)

    def test_a_fit_finds_the_weights_that_made_the_cases(self):
        draw = random.Random(7)
        rows = [[1.0, draw.uniform(-2, 2), draw.uniform(0, 1)] for _ in range(20000)]
        made = [-0.5, 1.2, 0.7]
        truths = [draw.random() < probit.phi(sum(w * x for w, x in zip(made, row)))
                  for row in rows]
        for found, wanted in zip(probit.fit(rows, truths), made):
            self.assertAlmostEqual(found, wanted, delta=0.08)


if __name__ == "__main__":
    unittest.main()
