// The refusals of one batch: all counted, the first kMaxRejections kept to be listed. Texts are
// made only for those that are kept. One thread.
#pragma once

#include <fmt/format.h>
#include <shouwang/v1/report.pb.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/ingest/ingest_bounds.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/subject.h"

namespace shouwang::ingest {

struct Refusal {
  v1::RejectionReason reason = v1::REJECTION_REASON_UNSPECIFIED;
  std::string value;    // what was refused, as text
  std::string message;  // names the thing, the value and the limit
};

class Rejections {
 public:
  struct Position {
    uint32_t section = 0;
    uint32_t report = 0;
  };

  // `values` of the batch are refused for one reason.
  void Add(Position at, std::string subject, std::string indicator, Refusal refusal,
           uint64_t values) {
    rejected_ += values;
    if (list_.size() >= kMaxRejections) return;
    v1::Rejection rejection;
    rejection.set_section(at.section);
    rejection.set_report(at.report);
    rejection.set_subject(std::move(subject));
    rejection.set_indicator(std::move(indicator));
    rejection.set_value(std::move(refusal.value));
    rejection.set_reason(refusal.reason);
    rejection.set_message(std::move(refusal.message));
    list_.push_back(std::move(rejection));
  }

  // One value is refused; `make` gives the Refusal if it will be listed.
  template <typename Make>
  void Add(Position at, const Subject& subject, const std::string& indicator, Make make) {
    if (list_.size() >= kMaxRejections) {
      ++rejected_;
      return;
    }
    Add(at, subject.ToString(), indicator, make(), 1);
  }

  // In the order of the batch; residences, which have no section, come last.
  void MoveInto(v1::Receipt* receipt) {
    std::ranges::stable_sort(list_, {}, [](const v1::Rejection& r) {
      return std::tuple(r.section() == kResidenceSection, r.section(), r.report());
    });
    receipt->set_rejected(rejected_);
    for (v1::Rejection& rejection : list_) {
      if (rejection.section() == kResidenceSection) rejection.clear_section();
      *receipt->add_rejections() = std::move(rejection);
    }
  }

  // The section of a residence's position.
  static constexpr uint32_t kResidenceSection = UINT32_MAX;

 private:
  uint64_t rejected_ = 0;
  std::vector<v1::Rejection> list_;
};

// Before 1990-01-01 or after `today`.
std::optional<Refusal> RefusalOfDate(Date date, Date today);

}  // namespace shouwang::ingest
