#include "storage/rocks/rocks_draw_book.h"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/audit/audit_of.h"
#include "storage/rocks/audit_chains.h"
#include "storage/rocks/database.h"
#include "storage/rocks/draw_records.h"
#include "storage/rocks/records.h"

namespace shouwang {
namespace {

using rocks::DamagedRecord;
using rocks::Family;

// Puts a draw and its visits together as a scan shows them.
class DrawReader {
 public:
  // `visit` outlives the reader.
  explicit DrawReader(absl::FunctionRef<bool(const Draw&)> visit) : visit_(visit) {}

  // False once the visitor has had enough.
  bool Take(std::string_view bytes, std::string_view value) {
    const std::optional<rocks::DrawKey> key = rocks::ReadDrawKey(bytes);
    if (key && key->visit == 0) {
      if (!Show()) return false;
      draw_ = rocks::ReadDraw(*key, value);
      if (!draw_) damage_.Update(DamagedRecord("draws", bytes));
      return true;
    }
    std::optional<DrawVisit> visit = key ? rocks::ReadDrawVisit(*key, value) : std::nullopt;
    const bool belongs = visit && draw_ && draw_->township == key->township &&
                         draw_->month == key->month && draw_->Has(visit->subject);
    if (belongs) {
      draw_->visits.push_back(*std::move(visit));
    } else {
      // Without all of its visits a draw would be told wrong.
      draw_.reset();
      damage_.Update(DamagedRecord("draws", bytes));
    }
    return true;
  }

  // Shows the draw at hand, unless it is damaged or was shown.
  bool Show() {
    if (draw_ && !stopped_) stopped_ = !visit_(*draw_);
    draw_.reset();
    return !stopped_;
  }

  const absl::Status& damage() const { return damage_; }

 private:
  absl::FunctionRef<bool(const Draw&)> visit_;
  std::optional<Draw> draw_;
  bool stopped_ = false;
  absl::Status damage_;
};

}  // namespace

absl::StatusOr<std::optional<Draw>> RocksDrawBook::LoadDraw(const Division& township,
                                                            Month month) const {
  std::optional<Draw> found;
  const auto keep = [&](const Draw& draw) {
    found = draw;
    return true;
  };
  DrawReader reader(keep);
  absl::Status status = store_->database().Scan(
      Family::kDraws, rocks::WriteDrawKey({township, month, {}, 0}),
      rocks::EndOfDraw(township, month),
      [&](std::string_view key, std::string_view value) { return reader.Take(key, value); });
  reader.Show();
  status.Update(reader.damage());
  if (!status.ok()) return store_->database().Noted(std::move(status));
  return found;
}

absl::Status RocksDrawBook::ScanDraws(const Division& region, Month from, Month to,
                                      absl::FunctionRef<bool(const Draw&)> visit) const {
  const auto wanted = [&](const Draw& draw) {
    return draw.month < from || draw.month > to || visit(draw);
  };
  DrawReader reader(wanted);
  absl::Status status = store_->database().Scan(
      Family::kDraws, rocks::PlaceKey(region.FirstVillageCode()),
      rocks::PlaceKey(region.EndVillageCode()),
      [&](std::string_view key, std::string_view value) { return reader.Take(key, value); });
  reader.Show();
  status.Update(reader.damage());
  return store_->database().Noted(std::move(status));
}

absl::Status RocksDrawBook::AddDraw(const Draw& draw, const AuditCaller& by) {
  if (absl::Status status = CheckDraw(draw); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const absl::StatusOr<std::optional<Draw>> there = LoadDraw(draw.township, draw.month);
  if (!there.ok()) return there.status();
  if (there->has_value()) return absl::AlreadyExistsError("there is a draw of that month");
  rocksdb::WriteBatch batch;
  batch.Put(store_->database().Handle(Family::kDraws),
            rocks::WriteDrawKey({draw.township, draw.month, {}, 0}), rocks::WriteDraw(draw));
  return store_->audit_chains().Write(store_->database(), &batch, AuditOf(draw, by),
                                      "adding a draw");
}

absl::Status RocksDrawBook::AddVisit(const Division& township, Month month, const DrawVisit& visit,
                                     std::string_view peer) {
  absl::MutexLock lock(&mutex_);
  const absl::StatusOr<std::optional<Draw>> draw = LoadDraw(township, month);
  if (!draw.ok()) return draw.status();
  if (absl::Status status = CheckAddition(*draw, township, month, visit); !status.ok()) {
    return status;
  }
  const auto before = std::ranges::count((*draw)->visits, visit.subject, &DrawVisit::subject);
  rocksdb::WriteBatch batch;
  batch.Put(
      store_->database().Handle(Family::kDraws),
      rocks::WriteDrawKey({township, month, visit.subject, static_cast<uint32_t>(before) + 1}),
      rocks::WriteDrawVisit(visit));
  return store_->audit_chains().Write(store_->database(), &batch,
                                      AuditOf(township, month, visit, peer), "recording a visit");
}

}  // namespace shouwang
