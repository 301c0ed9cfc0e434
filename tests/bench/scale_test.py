#!/usr/bin/env python3
"""What tests/bench/scale sends where, what it calls kept, and how it tells it."""

import argparse
import unittest

import growth

SMALL = {"values": 24e6, "ingest": 5e6, "ingest_per_core": 3e6, "daemon_cores": 1.5,
         "client_cores": 0.2, "maker_cores": 0.1, "peak_memory": 300 * 2**20,
         "store_memory": 200 * 2**20, "recovery": 0.75, "settling": 10, "disk": 12e6,
         "history_p50": 250, "history_p99": 1250}
LARGE = SMALL | {"values": 2.4e9, "ingest": 4e6, "peak_memory": 1000 * 2**20, "recovery": 29.9,
                 "disk": 960e6}
# The start, as it was measured again beside the large store.
AGAIN = {"start_ingest": 4.5e6, "start_ingest_per_core": 2.5e6}


def figures(small, large):
    return [{"name": name, "system": "shouwang", "households": households, "value": value,
             "unit": ""}
            for households, step in ((100_160, small), (10_000_000, large))
            for name, value in step.items()]


class SizesTest(unittest.TestCase):
    def test_are_read_from_one_argument(self):
        self.assertEqual((100_000, 300_000), growth.sizes("100000,300_000"))

    def test_must_be_numbers_that_ascend(self):
        for text in ("", "many", "5,", "300,100", "100,100", "0,100", "-5"):
            with self.assertRaisesRegex(argparse.ArgumentTypeError, f"'{text}'"):
                growth.sizes(text)

    def test_are_whole_villages(self):
        self.assertEqual([1, 1, 2, 31_250],
                         [growth.villages_for(n) for n in (1, 320, 321, 10_000_000)])

    def test_say_what_the_disk_must_hold(self):
        self.assertEqual(8.0e9, growth.bytes_needed(2_400_000_000))


class VillagesTest(unittest.TestCase):
    codes = ["11", "110101001001", "53", "530102001002", "520102001002", "520102001001",
             "520102001", "530102001001"]

    def test_are_taken_in_code_order_from_the_first_province_on(self):
        self.assertEqual(["520102001001", "520102001002", "530102001001"],
                         growth.first_villages(self.codes, 3))

    def test_must_be_enough(self):
        with self.assertRaisesRegex(ValueError, "5 villages are needed.*have 4"):
            growth.first_villages(self.codes, 5)


class VerdictTest(unittest.TestCase):
    def test_is_kept_at_the_edge(self):
        self.assertEqual([True, True, True],
                         [kept for kept, _ in growth.verdicts(figures(SMALL, LARGE))])

    def test_names_each_promise_that_is_missed(self):
        for change, words in (({"ingest": 3.9e6}, "throughput at 10,000,000 households is 78% of"),
                              ({"peak_memory": 2**30}, "memory at most 1024 MiB"),
                              ({"recovery": 30}, "recovery after kill -9 at most 30.0 s")):
            missed = [text for kept, text in growth.verdicts(figures(SMALL, LARGE | change))
                      if not kept]
            self.assertEqual(1, len(missed))
            self.assertIn(words, missed[0])

    def test_compares_with_the_start_of_the_same_minutes(self):
        for large, kept in ((AGAIN | {"ingest": 3.6e6}, True), (AGAIN | {"ingest": 3.5e6}, False),
                            ({"start_ingest": 6e6}, False)):
            self.assertEqual(kept, growth.verdicts(figures(SMALL, LARGE | large))[0][0])

    def test_looks_at_the_worst_size_whichever_it_is(self):
        missed = [text for kept, text in
                  growth.verdicts(figures(SMALL | {"peak_memory": 2**31}, LARGE)) if not kept]
        self.assertEqual(["memory at most 2048 MiB; under 1024 MiB"], missed)


class PausesTest(unittest.TestCase):
    def test_take_nothing_from_what_was_told_before(self):
        pauses = growth.Pauses()
        pauses.add(20.0, 6.0)
        self.assertEqual(20.0, pauses.without(20.0))
        self.assertEqual(20.9, pauses.without(20.9), "told when it had been asked to stand still")
        self.assertEqual(21.0, pauses.without(27.0))

    def test_add_up(self):
        pauses = growth.Pauses()
        pauses.add(20.0, 6.0)
        pauses.add(46.5, 3.5)
        self.assertEqual(41.0, pauses.without(50.5))


class TableTest(unittest.TestCase):
    def test_has_a_row_for_each_size_and_none_for_what_was_seen_on_the_way(self):
        seen = {"name": "ingest_now", "system": "shouwang", "households": 50_000, "value": 1,
                "unit": "values/s"}
        self.assertEqual([
            "| households | values | ingest | the start's, meanwhile | a core of the daemon | "
            "the start's | daemon | client | of it making | peak memory | of it caches | "
            "recovery | settling | on disk | history p50 | history p99 | bytes a value |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
            "| 100,160 | 24 M | 5.00 M/s | 5.00 M/s | 3.00 M/s | 3.00 M/s | 1.50 cores | "
            "0.20 cores | 0.10 cores | "
            "300 MiB | 200 MiB | 0.8 s | 10 s | 12 MB | 0.25 ms | 1.25 ms | 0.50 |",
            "| 10,000,000 | 2,400 M | 4.00 M/s | 4.50 M/s | 3.00 M/s | 2.50 M/s | 1.50 cores | "
            "0.20 cores | 0.10 cores | "
            "1000 MiB | 200 MiB | 29.9 s | 10 s | 960 MB | 0.25 ms | 1.25 ms | 0.40 |"],
            list(growth.table([seen, *figures(SMALL, LARGE | AGAIN)])))


if __name__ == "__main__":
    unittest.main()
