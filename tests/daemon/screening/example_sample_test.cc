#include "daemon/screening/example_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shouwang::screening {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Example Of(uint32_t number) {
  Example example;
  example.subject = {520502001001, SubjectKind::kHousehold, number};
  example.indicator = 1;
  example.date = Date::OfDays(20'000);
  example.value = number;
  return example;
}

TEST(ExampleSampleTest, KeepsTheSameOnesInAnyOrder) {
  ExampleSample up;
  ExampleSample down;
  for (uint32_t i = 1; i <= 1'000; ++i) up.Add(Of(i));
  for (uint32_t i = 1'000; i > 0; --i) down.Add(Of(i));
  EXPECT_THAT(up.Sorted(), SizeIs(kMaxExamples));
  EXPECT_EQ(up.Sorted(), down.Sorted());
  EXPECT_TRUE(std::ranges::is_sorted(up.Sorted()));
  EXPECT_GT(up.Sorted().back().subject.number, 500u) << "it is a sample of all, not of the first";
}

TEST(ExampleSampleTest, PartsPutTogetherAreTheWhole) {
  ExampleSample whole;
  ExampleSample odd;
  ExampleSample even;
  for (uint32_t i = 1; i <= 200; ++i) {
    whole.Add(Of(i));
    (i % 2 == 1 ? odd : even).Add(Of(i));
  }
  odd.Merge(even);
  EXPECT_EQ(odd.Sorted(), whole.Sorted());
}

TEST(ExampleSampleTest, KeepsAllOfAFew) {
  ExampleSample sample;
  EXPECT_THAT(sample.Sorted(), IsEmpty());
  sample.Add(Of(2));
  sample.Add(Of(1));
  EXPECT_EQ(sample.Sorted(), (std::vector<Example>{Of(1), Of(2)}));
}

}  // namespace
}  // namespace shouwang::screening
