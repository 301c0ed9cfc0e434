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

TEST(RequestReaderTest, ReadsMessageAfterMessageAndKeepsNothingOfTheOneBefore) {
  RequestReader reader;
  const v1::Batch small =
      MakeBatch("small", {{Household(2), Day("2026-04-30"), "household_size", 3}});
  for (int i = 0; i < 3; ++i) {
    for (const v1::Batch& batch : {Large(), small, v1::Batch()}) {
      const v1::SubmitRequest* request = reader.Read(MessageOf(batch));
      ASSERT_NE(request, nullptr);
      EXPECT_EQ(request->batch().SerializeAsString(), batch.SerializeAsString());
    }
  }
}

TEST(RequestReaderTest, TellsWhatIsNoRequestAndReadsOn) {
  RequestReader reader;
  std::string cut = MessageOf(Large());
  cut.resize(cut.size() / 2);
  EXPECT_EQ(reader.Read(cut), nullptr);
  EXPECT_EQ(reader.Read("\xff\xff"), nullptr);
  const v1::SubmitRequest* empty = reader.Read("");
  ASSERT_NE(empty, nullptr);
  EXPECT_FALSE(empty->has_batch());
}

}  // namespace
}  // namespace shouwang::ingest
