#include "tests/bench/insert.h"

#include <gtest/gtest.h>

#include "tests/bench/http.h"

namespace shouwang::bench {
namespace {

std::vector<v1::Indicator> SmallCatalogue() {
  std::vector<v1::Indicator> catalogue(1);
  catalogue[0].set_id(1);
  catalogue[0].set_name("wage_income");
  catalogue[0].set_unit("yuan");
  catalogue[0].set_decimals(2);
  catalogue[0].set_max(100'000'000);
  catalogue[0].set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
  return catalogue;
}

TEST(InsertTest, SendsEveryValueInBodiesOfTheAskedRows) {
  const Panel panel({.households = 5'000, .indicators = 1, .months = 2}, SmallCatalogue());
  auto sink = HttpSink::Start(2);
  ASSERT_TRUE(sink.ok()) << sink.status();
  InsertOptions options;
  options.url = (*sink)->url();
  options.format = BodyFormat::kClickhouseNarrow;
  options.rows = 500;
  options.connections = 2;
  options.chunk_values = 3'000;  // far smaller than the panel
  const auto result = InsertPanel(panel, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->values, 10'000);
  EXPECT_EQ(result->bodies, 20);
  EXPECT_GT(result->body_bytes, 10'000 * 18);
  EXPECT_EQ(result->sent_again, 0);
  EXPECT_GT(result->elapsed.count(), 0);
}

TEST(InsertTest, SaysThatThePeerIsGone) {
  const Panel panel({.households = 10, .indicators = 1, .months = 1}, SmallCatalogue());
  std::string url;
  {
    auto sink = HttpSink::Start(1);
    ASSERT_TRUE(sink.ok()) << sink.status();
    url = (*sink)->url();
  }
  InsertOptions options;
  options.url = url;
  options.connections = 1;
  const auto result = InsertPanel(panel, options);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shouwang::bench
