#include "daemon/ingest/request_reader.h"

#include <gtest/gtest.h>

#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

// More than the reader keeps.
v1::Batch Large() {
  v1::Batch batch = MakeBatch("large", {{Household(1), Day("2026-05-31"), "wage_income", 1}});
  v1::Column* column = batch.mutable_sections(0)->mutable_columns(0);
  for (int64_t value = 0; value < 100'000; ++value) column->add_values(value);
  return batch;
}

TEST(RequestReaderTest, ReadsMessageAfterMessageAndHoldsOnToNone) {
  RequestReader reader;
  const v1::Batch small =
      MakeBatch("small", {{Household(2), Day("2026-04-30"), "household_size", 3}});
  for (int i = 0; i < 3; ++i) {
    for (const v1::Batch& batch : {Large(), small, v1::Batch()}) {
      std::string seen;
      EXPECT_TRUE(reader.Read(MessageOf(batch),
                              [&](const v1::Batch& read) { seen = read.SerializeAsString(); }));
      EXPECT_EQ(seen, batch.SerializeAsString());
      EXPECT_EQ(reader.held_bytes(), RequestReader::kKeptBytes);
    }
  }
}

TEST(RequestReaderTest, TellsWhatIsNoRequestAndReadsOn) {
  RequestReader reader;
  std::string cut = MessageOf(Large());
  cut.resize(cut.size() / 2);
  int seen = 0;
  const auto count = [&](const v1::Batch&) { ++seen; };
  EXPECT_FALSE(reader.Read(cut, count));
  EXPECT_EQ(reader.held_bytes(), RequestReader::kKeptBytes);
  EXPECT_FALSE(reader.Read("\xff\xff", count));
  EXPECT_EQ(seen, 0);
  EXPECT_TRUE(reader.Read("", count));
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace shouwang::ingest
