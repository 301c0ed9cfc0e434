// What the stores under tests/storage/rocks/format_N hold: written by the version that had that
// format, read by every later one. A new format gets a folder of its own, and the old ones stay as
// they are:
//
//   SHOUWANG_KEEP_FORMAT_SAMPLE=/tmp/sample rocks_test --gtest_filter=FormatTest.ThisVersion*
//   cp /tmp/sample/{CURRENT,MANIFEST-*,*.sst,*.log} tests/storage/rocks/format_N/
//
// and its number among the Formats of format_test.cc.
#pragma once

#include "storage/contract/store.h"

namespace shouwang {

// Something of every kind that a store keeps, and then more of the same keys.
void FillWithSample(Store& store);
void AddToSample(Store& store);
// Every part of it, literally.
void ExpectSample(Store& store);

}  // namespace shouwang
