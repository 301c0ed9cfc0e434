#include "storage/rocks/rocks_case_book.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/hash/hash.h"
#include "storage/audit/audit_of.h"
#include "storage/rocks/audit_chains.h"
#include "storage/rocks/case_records.h"
#include "storage/rocks/database.h"
#include "storage/rocks/records.h"

namespace shouwang {
namespace {

using rocks::DamagedRecord;
using rocks::Family;

// Puts the events that a scan shows together, case by case.
class CaseReader {
 public:
  // `visit` outlives the reader.
  explicit CaseReader(absl::FunctionRef<bool(const Case&)> visit) : visit_(visit) {}

  // False once the visitor has had enough.
  bool Take(std::string_view bytes, std::string_view value) {
    const std::optional<rocks::CaseEventKey> key = rocks::ReadCaseKey(bytes);
    if (!key) {
      damage_.Update(DamagedRecord("cases", bytes));
      return true;
    }
    if (key->subject != case_.subject && !Show()) return false;
    if (key->subject != case_.subject) {
      case_ = {key->subject, {}};
      whole_ = true;
    }
    std::optional<CaseEvent> event = rocks::ReadCaseEvent(value);
    if (!event || key->revision != case_.revision() + 1 || !MayStandBehind(case_.state(), *event)) {
      whole_ = false;
      damage_.Update(DamagedRecord("cases", bytes));
      return true;
    }
    if (whole_) case_.events.push_back(*std::move(event));
    return true;
  }

  // Shows the case at hand, unless it is damaged or was shown.
  bool Show() {
    if (case_.events.empty() || !whole_ || stopped_) return !stopped_;
    stopped_ = !visit_(case_);
    case_.events.clear();
    return !stopped_;
  }

  const absl::Status& damage() const { return damage_; }

 private:
  absl::FunctionRef<bool(const Case&)> visit_;
  Case case_;
  bool whole_ = true;
  bool stopped_ = false;
  absl::Status damage_;
};

std::string KeyPast(const Subject& subject) {
  std::string key = rocks::SubjectKey(subject);
  key += "\xff\xff\xff\xff\xff";
  return key;
}

}  // namespace

absl::StatusOr<Case> RocksCaseBook::LoadCase(const Subject& subject) const {
  Case found{subject, {}};
  const auto keep = [&](const Case& record) {
    found = record;
    return true;
  };
  CaseReader reader(keep);
  absl::Status status = store_->database().Scan(
      Family::kCases, rocks::SubjectKey(subject), KeyPast(subject),
      [&](std::string_view key, std::string_view value) { return reader.Take(key, value); });
  reader.Show();
  status.Update(reader.damage());
  if (!status.ok()) return store_->database().Noted(std::move(status));
  return found;
}

absl::Status RocksCaseBook::ScanCases(const Division& region, const Subject& from_subject,
                                      absl::FunctionRef<bool(const Case&)> visit) const {
  CaseReader reader(visit);
  absl::Status status = store_->database().Scan(
      Family::kCases,
      std::max(rocks::PlaceKey(region.FirstVillageCode()), rocks::SubjectKey(from_subject)),
      rocks::PlaceKey(region.EndVillageCode()),
      [&](std::string_view key, std::string_view value) { return reader.Take(key, value); });
  reader.Show();
  status.Update(reader.damage());
  return store_->database().Noted(std::move(status));
}

absl::Status RocksCaseBook::AddToCase(const Subject& subject, uint32_t revision,
                                      std::span<const CaseEvent> events, std::string_view peer) {
  if (absl::Status status = CheckCaseEvents(subject, events); !status.ok()) return status;
  absl::MutexLock lock(&lanes_[absl::HashOf(subject) % kLanes]);
  const absl::StatusOr<Case> record = LoadCase(subject);
  if (!record.ok()) return record.status();
  if (absl::Status status = CheckAddition(*record, revision, events); !status.ok()) return status;
  rocksdb::WriteBatch batch;
  for (size_t i = 0; i < events.size(); ++i) {
    batch.Put(store_->database().Handle(Family::kCases),
              rocks::WriteCaseKey({subject, revision + 1 + static_cast<uint32_t>(i)}),
              rocks::WriteCaseEvent(events[i]));
  }
  return store_->audit_chains().Write(store_->database(), &batch,
                                      AuditOf(subject, revision, events, peer), "adding to a case");
}

}  // namespace shouwang
