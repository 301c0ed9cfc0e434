#include "collectors/submit/batch_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "daemon/wire/convert.h"
#include "storage/vocabulary/division.h"

namespace shouwang {
namespace {

constexpr size_t kMaxRememberedResidences = 500'000;

// FNV-1a of 128 bits, as 32 hex digits.
std::string Fingerprint(std::string_view bytes) {
  const absl::uint128 prime = absl::MakeUint128(0x0000000001000000, 0x000000000000013b);
  absl::uint128 hash = absl::MakeUint128(0x6c62272e07bb0142, 0x62b821756295c58d);
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= prime;
  }
  return fmt::format("{:016x}{:016x}", absl::Uint128High64(hash), absl::Uint128Low64(hash));
}

// A site of a township goes on the wire by 9 digits, all else by 12.
std::string PlaceOf(const Subject& subject) {
  if (subject.kind == SubjectKind::kSite && subject.place % 1000 == 0) {
    return subject.In(DivisionLevel::kTownship).ToString();
  }
  return subject.In(DivisionLevel::kVillage).ToString();
}

}  // namespace

BatchBuilder::BatchBuilder(BatchHeader header, BatchLimits limits)
    : header_(std::move(header)), limits_(limits) {}

bool BatchBuilder::IsNewResidence(const Residence& residence) {
  if (sent_residences_.size() >= kMaxRememberedResidences) sent_residences_.clear();
  const auto [it, added] = sent_residences_.emplace(residence.household, residence);
  if (!added && it->second == residence) return false;
  it->second = residence;
  return true;
}

void BatchBuilder::Add(const MappedRow& row, const RowRef& origin,
                       std::vector<OutgoingBatch>* due) {
  const bool residence = row.residence && IsNewResidence(*row.residence);
  if (row.values.empty() && !residence) return;
  const uint64_t code = row.subject.In(DivisionLevel::kTownship).code();
  Township* township = &townships_[code];
  const auto section = std::make_pair(row.subject.place, row.subject.kind);
  const bool full = township->values.size() + row.values.size() > limits_.values ||
                    (!row.values.empty() && !township->sections.contains(section) &&
                     township->sections.size() >= limits_.sections);
  if (full && township->size() > 0) {
    due->push_back(Close(code));
    township = &townships_[code];
  }
  if (!row.values.empty()) {
    township->rows.push_back(
        {row.subject, row.date, origin, township->values.size(), row.values.size()});
    township->values.insert(township->values.end(), row.values.begin(), row.values.end());
    ++township->sections[section];
    ++buffered_rows_;
  }
  if (residence) {
    township->residences.emplace_back(*row.residence, origin);
    ++buffered_rows_;
  }
  if (township->rows.size() >= limits_.reports || township->residences.size() >= limits_.reports) {
    due->push_back(Close(code));
  }
  if (buffered_rows_ > limits_.buffered_rows) MakeRoom(due);
}

void BatchBuilder::MakeRoom(std::vector<OutgoingBatch>* due) {
  std::vector<std::pair<size_t, uint64_t>> by_size;
  for (const auto& [code, township] : townships_) by_size.emplace_back(township.size(), code);
  // The largest first; of equal ones the lower code, so that the batches are the same each time.
  std::sort(by_size.begin(), by_size.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (const auto& [size, code] : by_size) {
    if (buffered_rows_ <= limits_.buffered_rows / 2) break;
    due->push_back(Close(code));
  }
}

void BatchBuilder::Flush(std::vector<OutgoingBatch>* due) {
  while (!townships_.empty()) due->push_back(Close(townships_.begin()->first));
}

OutgoingBatch BatchBuilder::Close(uint64_t township) {
  const auto node = townships_.extract(township);
  const Township& from = node.mapped();
  buffered_rows_ -= from.size();

  OutgoingBatch out;
  v1::Batch* batch = out.request.mutable_batch();
  batch->set_township(
      Division::OfVillageCode(township * 1000, DivisionLevel::kTownship).ToString());
  batch->set_collector(header_.collector);
  batch->set_source(wire::ToProto(header_.source));
  batch->set_reported_at_ms(wire::ToMs(header_.reported_at));
  for (const std::string& name : header_.indicators) batch->add_indicators(name);

  std::vector<const Waiting*> order;
  order.reserve(from.rows.size());
  for (const Waiting& row : from.rows) order.push_back(&row);
  std::stable_sort(order.begin(), order.end(), [](const Waiting* a, const Waiting* b) {
    return a->subject != b->subject ? a->subject < b->subject : a->date < b->date;
  });
  std::vector<const Waiting*> section;
  for (size_t i = 0; i < order.size(); ++i) {
    section.push_back(order[i]);
    const bool last = i + 1 == order.size() ||
                      order[i + 1]->subject.place != order[i]->subject.place ||
                      order[i + 1]->subject.kind != order[i]->subject.kind;
    if (!last) continue;
    AddSection(from, &section, &out);
    section.clear();
  }
  for (const auto& [residence, origin] : from.residences) {
    *batch->add_residences() = wire::ToProto(residence);
    out.residence_rows.push_back(origin);
  }
  out.reports = from.rows.size();
  out.values = from.values.size();
  batch->set_request_id(Fingerprint(batch->SerializeAsString()));
  return out;
}

void BatchBuilder::AddSection(const Township& from, std::vector<const Waiting*>* reports,
                              OutgoingBatch* batch) const {
  v1::Section* section = batch->request.mutable_batch()->add_sections();
  const Subject& first = reports->front()->subject;
  section->set_kind(wire::ToProto(first.kind));
  section->set_place(PlaceOf(first));
  std::vector<RowRef>& rows = batch->rows.emplace_back();
  const bool one_date = std::all_of(reports->begin(), reports->end(), [&](const Waiting* report) {
    return report->date == reports->front()->date;
  });
  if (one_date) section->add_dates(reports->front()->date.days());

  std::vector<v1::Column> columns(header_.indicators.size());
  const size_t bytes = (reports->size() + 7) / 8;
  for (size_t i = 0; i < reports->size(); ++i) {
    const Waiting& report = *(*reports)[i];
    section->add_numbers(report.subject.number);
    if (!one_date) section->add_dates(report.date.days());
    rows.push_back(report.origin);
    for (size_t k = 0; k < report.value_count; ++k) {
      const MappedValue& value = from.values[report.first_value + k];
      v1::Column& column = columns[value.indicator];
      column.mutable_present()->resize(bytes);
      (*column.mutable_present())[i / 8] |= static_cast<char>(1 << (i % 8));
      column.add_values(value.value);
    }
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].values().empty()) continue;
    columns[i].set_indicator(static_cast<uint32_t>(i));
    if (static_cast<size_t>(columns[i].values_size()) == reports->size()) {
      columns[i].clear_present();
    }
    *section->add_columns() = std::move(columns[i]);
  }
}

}  // namespace shouwang
