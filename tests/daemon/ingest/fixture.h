// A small world for the tests of ingest: a province with three townships, two resettlement sites,
// five indicators and a policy of four rules, and batches written as rows.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/ingest/check.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/window_reader.h"
#include "storage/vocabulary/history.h"

namespace shouwang::ingest {

// Township 520502001 with the villages 001 and 002 and the sites S3 (from 520502002 and
// 520502003001) and S4 (from 520502003); 520502002 and 520502003 with one village each.
inline constexpr std::string_view kTownship = "520502001";

inline constexpr IndicatorId kWage = 1;     // wage_income, yuan, two decimals, 0 to 1,000,000
inline constexpr IndicatorId kSize = 2;     // household_size, persons, 1 to 30
inline constexpr IndicatorId kMedical = 3;  // medical_cost, yuan, two decimals, 0 to 100,000,000
inline constexpr IndicatorId kInsured = 4;  // insured, yes_no, 0 to 1
inline constexpr IndicatorId kSeats = 50;   // school_seats of a site, seats, 0 to 10,000

// Rules: 1 low_wage (mean over 3 months < line; clears after 2 months above), 2 medical_burden,
// 3 uninsured, 9 seats_missing (sites). A higher `line` (yuan a month) opens more warnings, under
// another fingerprint. `more` are further sections of the policy.
std::shared_ptr<const Rulebook> MakeRulebook(int line = 1000, std::string_view more = "");

Date Day(std::string_view text);
Instant At(std::string_view day, int ms = 0);
Subject Household(uint32_t number, int village = 1);
Subject SiteOf(uint32_t number);

struct Row {
  Subject subject;
  Date date;
  std::string indicator;
  int64_t value = 0;
};

// One section per place and kind, one column per indicator; the rows keep their order. A row of a
// subject and date that come again becomes a report of its own only if its cell is taken.
v1::Batch MakeBatch(const std::string& request_id, const std::vector<Row>& rows,
                    Instant reported_at = At("2026-06-30"),
                    v1::Source source = v1::SOURCE_CADRE_VISIT);

// Checked as of `now`, with the usual bounds; the test fails where one is refused as a whole.
std::vector<CheckedBatch> CheckAll(std::span<const v1::Batch> batches, const Rulebook& rulebook,
                                   Instant now);

// Which calls `before` with the range of each read, and fails where that does.
class WatchedReader final : public WindowReader {
 public:
  WatchedReader(std::unique_ptr<WindowReader> reader, std::function<absl::Status(DateRange)> before)
      : reader_(std::move(reader)), before_(std::move(before)) {}

  absl::StatusOr<bool> Fill(DateRange range, std::span<const IndicatorId> indicators,
                            GroupWindow* window) override {
    if (absl::Status status = before_(range); !status.ok()) return status;
    return reader_->Fill(range, indicators, window);
  }

 private:
  const std::unique_ptr<WindowReader> reader_;
  const std::function<absl::Status(DateRange)> before_;
};

// As a stream brings it.
std::string MessageOf(const v1::Batch& batch);

v1::Residence* AddResidence(v1::Batch* batch, const Subject& household, const Subject& site,
                            const std::string& origin, std::string_view since);

// "wage_income 2026-01-31 1200.00, ..." without arrivals; for messages of failing tests.
std::string Describe(const History& history);

}  // namespace shouwang::ingest
