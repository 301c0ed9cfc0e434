#include "daemon/app/retention_pass.h"

#include "daemon/journal/acts.h"
#include "storage/audit/audit_query.h"
#include "tests/daemon/journal/failing_log.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Keeps a retention and drops nothing.
class MemoryTrimming final : public Trimming {
 public:
  absl::StatusOr<KeptRetention> LoadRetention() const override { return kept; }
  absl::Status KeepRetention(const KeptRetention& retention) override {
    kept = retention;
    return absl::OkStatus();
  }
  absl::StatusOr<TrimTotals> Trim(
      const Division&, const Retention&, const std::stop_token&,
      absl::FunctionRef<absl::StatusOr<Transaction>(std::span<const TrimmedSubject>)>) override {
    return TrimTotals();
  }

  KeptRetention kept;
};

class RetentionPassTest : public testing::Test {
 protected:
  RetentionPassTest() { trimming_.kept.retention.first_year = {{county::kWage, 2020}}; }

  std::vector<AuditKind> Acts() {
    std::vector<AuditKind> kinds;
    const auto keep = [&](const AuditEntry& entry, bool) {
      kinds.push_back(entry.record.kind);
      return true;
    };
    EXPECT_TRUE(ReadAudit(log_, {}, {}, keep).ok());
    return kinds;
  }
  // The first year that is kept of what is reported every month.
  int32_t FirstYear() const { return rulebook_.Get()->retention.first_year.at(county::kWage); }

  FailingLog log_;
  prometheus::Registry registry_;
  ActJournal acts_{{.log = &log_,
                    .registry = &registry_,
                    .notice = {},
                    .between_tries = std::chrono::hours(24)}};
  MemoryTrimming trimming_;
  CurrentRulebook rulebook_{county::SmallRulebook()};
  // Now is 2026-11-15.
  RetentionPass pass_{
      {.monthly = 24}, &trimming_, &acts_, &rulebook_, [] { return county::At(county::kNowMs); },
      &registry_};
};

TEST_F(RetentionPassTest, WhatComesInForceIsStoredAndRecordedBefore) {
  ASSERT_TRUE(pass_.PutInForceAtStart(rulebook_.Get()).ok());
  EXPECT_EQ(FirstYear(), 2024);
  EXPECT_EQ(trimming_.kept.retention.first_year.at(county::kWage), 2024);
  EXPECT_FALSE(trimming_.kept.applied);
  EXPECT_THAT(Acts(), ElementsAre(AuditKind::kRetention));
}

TEST_F(RetentionPassTest, AStartOnAFullDiskGoesOnWithTheRetentionThatIsStored) {
  log_.SetFailing(true);
  ASSERT_TRUE(pass_.PutInForceAtStart(rulebook_.Get()).ok());
  EXPECT_EQ(FirstYear(), 2020);
  EXPECT_TRUE(trimming_.kept.applied);
  EXPECT_EQ(pass_.PutInForce(rulebook_.Get()).code(), absl::StatusCode::kUnavailable)
      << "a reload is refused";
  log_.SetFailing(false);
  ASSERT_TRUE(pass_.PutInForce(rulebook_.Get()).ok());
  EXPECT_EQ(FirstYear(), 2024);
  EXPECT_THAT(Acts(), ElementsAre(AuditKind::kRetention));
}

TEST_F(RetentionPassTest, ActsThatWaitGoBeforeIt) {
  log_.SetFailing(true);
  acts_.Record(StartAct("1.0", "digest", county::At(county::kNowMs)));
  EXPECT_THAT(Acts(), IsEmpty());
  log_.SetFailing(false);
  ASSERT_TRUE(pass_.PutInForceAtStart(rulebook_.Get()).ok());
  EXPECT_THAT(Acts(), ElementsAre(AuditKind::kStart, AuditKind::kRetention));
}

}  // namespace
}  // namespace shouwang::app
