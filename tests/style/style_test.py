#!/usr/bin/env python3
"""Tests the style check itself: a small clean tree passes, and each breach in it is found."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules  # noqa: E402
import style  # noqa: E402

HEADER = "// A thing.\n#pragma once\n"


class StyleTest(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.TemporaryDirectory()
        self.addCleanup(self.tree.cleanup)
        for folder in sorted(rules.README_REQUIRED | {"storage/rocks", "storage/vocabulary",
                                                      "daemon/ingest", "daemon/query"}):
            self.write(f"{folder}/README.md", "A room.\n")
        self.write("storage/vocabulary/date.h", HEADER)

    def write(self, path, text):
        full = os.path.join(self.tree.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def expect_breach(self, start):
        found = list(style.breaches(self.tree.name))
        self.assertEqual(1, len(found), found)
        self.assertTrue(found[0].startswith(start), found[0])

    def test_a_clean_tree_passes(self):
        self.write("daemon/ingest/batch.cc", '#include "storage/vocabulary/date.h"\nint x = 1;\n')
        self.assertEqual([], list(style.breaches(self.tree.name)))

    def test_storage_may_not_include_the_daemon(self):
        self.write("daemon/ingest/batch.h", HEADER)
        self.write("storage/vocabulary/date.cc", '#include "daemon/ingest/batch.h"\n')
        self.expect_breach("storage/vocabulary/date.cc:1: storage/vocabulary may not include "
                           "daemon/ingest")

    def test_rooms_of_the_daemon_never_include_each_other(self):
        self.write("daemon/query/list.cc", '#include "daemon/ingest/batch.h"\n')
        self.expect_breach("daemon/query/list.cc:1: daemon/query may not include daemon/ingest")

    def test_storage_sees_no_proto(self):
        self.write("storage/vocabulary/date.cc", '#include "shouwang/v1/report.pb.h"\n')
        self.expect_breach("storage/vocabulary/date.cc:1: storage/vocabulary may not include proto")

    def test_app_sees_no_collector(self):
        self.write("daemon/app/README.md", "A room.\n")
        self.write("daemon/app/app.cc", '#include "collectors/submit/outbox.h"\n')
        self.expect_breach("daemon/app/app.cc:1: daemon/app may not include collectors/submit")

    def test_rocksdb_stays_in_its_room(self):
        self.write("storage/rocks/store.cc", "#include <rocksdb/db.h>\n")
        self.write("daemon/query/list.cc", "\n#include <rocksdb/db.h>\n")
        self.expect_breach("daemon/query/list.cc:2: rocksdb/db.h may be included only in "
                           "storage/rocks")

    def test_an_include_is_named_from_the_root(self):
        self.write("storage/vocabulary/date.cc", '#include "date.h"\n')
        self.expect_breach("storage/vocabulary/date.cc:1: include date.h by its path")

    def test_a_new_room_must_be_in_the_table(self):
        self.write("daemon/cellar/wine.cc", "int x = 1;\n")
        self.expect_breach("daemon/cellar/wine.cc:1: lies in no room")

    def test_a_header_says_what_it_is(self):
        self.write("storage/vocabulary/site.h", "#pragma once\n")
        self.expect_breach("storage/vocabulary/site.h:1: has no comment at its top")

    def test_a_header_has_pragma_once(self):
        self.write("storage/vocabulary/site.h", "// A site.\nint X();\n")
        self.expect_breach("storage/vocabulary/site.h:1: has no #pragma once")

    def test_a_source_has_a_bound(self):
        self.write("storage/vocabulary/date.cc", "int x();\n" * 501)
        self.expect_breach("storage/vocabulary/date.cc:1: has 501 lines, limit 500")

    def test_a_function_has_a_bound(self):
        body = "  Step();\n" * 68
        self.write("storage/vocabulary/date.cc",
                   "namespace shouwang {\n" + "int Short() {\n  return 1;\n}\n" +
                   "void Long(int a,\n          int b) {\n" + body + "}\n}\n" +
                   "class Longer {\n  int Get() {\n" + "    Step();\n" * 99 + "  }\n};\n")
        self.assertEqual([], list(style.breaches(self.tree.name)))
        self.write("storage/vocabulary/date.cc", "void Long() {\n  Step();\n" + body + "}\n")
        self.expect_breach("storage/vocabulary/date.cc:1: function of 71 lines, limit 70")

    def test_a_type_has_a_name_of_the_domain(self):
        self.write("storage/vocabulary/site.h", HEADER + "class SiteManager {};\n")
        self.expect_breach("storage/vocabulary/site.h:3: SiteManager")

    def test_a_type_name_may_contain_a_banned_word_inside_a_word(self):
        self.write("storage/vocabulary/site.h", HEADER + "class Database {};\n")
        self.assertEqual([], list(style.breaches(self.tree.name)))

    def test_nothing_is_left_unfinished(self):
        self.write("daemon/ingest/batch.cc", "// TO" "DO: later\n")
        self.expect_breach("daemon/ingest/batch.cc:1: unfinished")

    def test_a_test_does_not_sleep(self):
        self.write("tests/daemon/batch_test.cc",
                   "std::this_thread::sleep_for(std::chrono::seconds(1));\n")
        self.expect_breach("tests/daemon/batch_test.cc:1: tests wait for a condition")

    def test_no_path_of_one_machine(self):
        self.write("deploy/README.md", "Look into /ho" "me/me/shouwang.\n")
        self.expect_breach("deploy/README.md:1: names a path of one machine")

    def test_a_room_has_a_readme(self):
        self.write("storage/blocks/block.h", HEADER)
        self.expect_breach("storage/blocks:1: has no README.md")

    def test_the_root_holds_nothing_else(self):
        self.write("scratch/note.md", "x\n")
        self.expect_breach("scratch:1: is not one of the top-level names")

    def test_the_median_header_is_short(self):
        self.write("storage/vocabulary/date.h", HEADER + "int X();\n" * 100)
        self.expect_breach("storage:1: the median header has 102 lines, limit 90")


if __name__ == "__main__":
    unittest.main()
