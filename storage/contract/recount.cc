#include "storage/contract/recount.h"

#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "storage/contract/comparison.h"
#include "storage/contract/place_counts.h"

namespace shouwang {
namespace {

Division CountyOf(const Division& township) { return township.At(DivisionLevel::kCounty); }

void AddSpread(const PlaceCounts& counts, Comparison::Spread* spread) {
  for (const auto& [key, cell] : counts.cells) {
    if (!cell.histogram.empty()) (*spread)[key].Add(cell.histogram);
  }
}

// Walks the histories in subject order: homes are compared as their township and county are left.
// Places that households of several townships share can be compared only once everyone was seen;
// where they are too many, some counties at a time, with one more walk for the rest.
class RecountRun {
 public:
  RecountRun(const Store& store, const RecountScope& scope, const RecountListener& listener)
      : store_(store),
        scope_(scope),
        listener_(listener),
        compare_(store, scope, listener, &totals_) {
    for (const Division& township : scope.damaged) damaged_counties_.insert(CountyOf(township));
  }

  absl::StatusOr<RecountTotals> Run() {
    if (absl::Status status = CountHomes(); !status.ok()) return status;
    while (true) {
      if (absl::Status status = CompareShared(); !status.ok()) return status;
      if (!past_limit_) return totals_;
      from_ = *std::exchange(past_limit_, std::nullopt);
      shared_.clear();
      counts_ = 0;
      if (absl::Status status = CountSharedAgain(); !status.ok()) return status;
    }
  }

 private:
  absl::Status CountHomes();
  absl::Status CountSharedAgain();
  absl::Status EnterTownship(const Division& township);
  absl::Status LeaveTownship();
  absl::Status LeaveCounty();
  void AddShared(const History& history);
  bool IsAtHand(const Division& county) const;
  void KeepWithinLimit();
  absl::Status CompareShared();
  // What is damaged was told of already; the rest is served.
  absl::Status Tolerate(const absl::Status& status) const {
    return absl::IsDataLoss(status) && !scope_.damaged.empty() ? absl::OkStatus() : status;
  }

  const Store& store_;
  const RecountScope& scope_;
  const RecountListener& listener_;
  RecountTotals totals_;
  Comparison compare_;
  std::set<Division> damaged_counties_;
  std::set<Division> seen_;           // townships
  std::set<Division> seen_counties_;  // and compared

  // Of the township at hand, and its county.
  std::optional<Division> township_;
  std::map<Subject, SubjectState> states_;
  PlaceCounts home_;
  Comparison::Spread county_;

  // Origins and sites in counties from from_ on, but for those from past_limit_ on.
  Comparison::CountedPlaces shared_;
  size_t counts_ = 0;
  std::optional<Division> from_;
  std::optional<Division> past_limit_;
};

absl::Status RecountRun::CountHomes() {
  absl::Status inner;
  const Month open_from = scope_.retention.AllKeptFrom().month();
  const auto count = [&](const History& history, std::span<const SupersededValue> superseded) {
    const Division township = history.subject().In(DivisionLevel::kTownship);
    if (township_ != township) {
      inner = LeaveTownship();
      if (inner.ok() && township_ && CountyOf(*township_) != CountyOf(township)) {
        inner = LeaveCounty();
      }
      if (inner.ok()) inner = EnterTownship(township);
      if (!inner.ok()) return false;
    }
    ++totals_.subjects;
    totals_.observations += history.PointCount();
    for (const IndicatorId indicator : history.indicators()) compare_.Know(indicator);
    home_.Add(history);
    home_.AddReporting(history, superseded, open_from);
    AddShared(history);
    if ((totals_.subjects & 0xfff) == 0) listener_.on_progress(totals_);
    return true;
  };
  absl::Status status = store_.ScanWithSuperseded(Division(), Subject(), count);
  status = Tolerate(status);
  status.Update(inner);
  if (!status.ok()) return status;
  if (status = LeaveTownship(); !status.ok()) return status;
  if (status = LeaveCounty(); !status.ok()) return status;
  for (const Division& township : scope_.townships) {
    if (seen_.contains(township)) continue;
    if (status = EnterTownship(township); !status.ok()) return status;
    if (status = LeaveTownship(); !status.ok()) return status;
    if (status = LeaveCounty(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RecountRun::EnterTownship(const Division& township) {
  township_ = township;
  seen_.insert(township);
  home_ = PlaceCounts();
  states_.clear();
  return Tolerate(
      store_.ScanStates(township, [&](const Subject& subject, const SubjectState& state) {
        states_.emplace(subject, state);
        return true;
      }));
}

absl::Status RecountRun::LeaveTownship() {
  if (!township_) return absl::OkStatus();
  for (const auto& [subject, state] : states_) {
    if (state.risk) home_.Add(*state.risk);
  }
  AddSpread(home_, &county_);
  if (scope_.damaged.contains(*township_)) return absl::OkStatus();
  Comparison::CountedPlaces counted;
  if (home_.tally != Tally()) {
    counted[{RollupView::kSettlement, *township_, {}}] = std::move(home_);
  }
  absl::Status status = compare_.Places(RollupView::kSettlement, *township_, counted);
  if (!status.ok()) return status;
  return compare_.Warnings(*township_, states_);
}

absl::Status RecountRun::LeaveCounty() {
  if (!township_) return absl::OkStatus();
  const Division county = CountyOf(*township_);
  const Comparison::Spread counted = std::exchange(county_, {});
  if (damaged_counties_.contains(county) || !seen_counties_.insert(county).second) {
    return absl::OkStatus();
  }
  return compare_.County(RollupView::kSettlement, county, counted);
}

bool RecountRun::IsAtHand(const Division& county) const {
  return !(from_ && county < *from_) && !(past_limit_ && !(county < *past_limit_));
}

// A site counts at itself, a relocated household at its origin and its site.
void RecountRun::AddShared(const History& history) {
  const auto found = states_.find(history.subject());
  const SubjectState none;
  const SubjectState& state = found == states_.end() ? none : found->second;
  for (const RollupPlace& place : PlacesOf(history.subject(), state)) {
    if (place.view == RollupView::kSettlement || !IsAtHand(CountyOf(place.township))) continue;
    PlaceCounts& counts = shared_[place];
    counts_ += counts.Add(history);
    if (state.risk) counts.Add(*state.risk);
  }
  KeepWithinLimit();
}

// Lets go of the last counties until half the room is free.
void RecountRun::KeepWithinLimit() {
  if (counts_ <= scope_.max_counts) return;
  std::set<Division> counties;
  for (const auto& [place, counts] : shared_) counties.insert(CountyOf(place.township));
  while (counts_ > scope_.max_counts / 2 && counties.size() > 1) {
    past_limit_ = *counties.rbegin();
    counties.erase(std::prev(counties.end()));
    std::erase_if(shared_, [&](const auto& entry) {
      if (CountyOf(entry.first.township) != *past_limit_) return false;
      for (const auto& [key, cell] : entry.second.cells) {
        counts_ -= 1 + cell.histogram.entries().size();
      }
      return true;
    });
  }
}

absl::Status RecountRun::CountSharedAgain() {
  township_.reset();
  absl::Status inner;
  absl::Status status = store_.ScanHistories(Division(), DateRange{}, [&](const History& history) {
    const Division township = history.subject().In(DivisionLevel::kTownship);
    if (township_ != township) inner = EnterTownship(township);
    if (inner.ok()) AddShared(history);
    return inner.ok();
  });
  status = Tolerate(status);
  status.Update(inner);
  return status;
}

absl::Status RecountRun::CompareShared() {
  // A household that cannot be read is missing at its origin, which no one knows.
  if (!scope_.damaged.empty()) return absl::OkStatus();
  std::map<Division, std::set<Division>> counties;
  for (const Division& township : scope_.townships) counties[CountyOf(township)].insert(township);
  for (const auto& [place, counts] : shared_) {
    counties[CountyOf(place.township)].insert(place.township);
  }
  for (const auto& [county, townships] : counties) {
    if (!IsAtHand(county)) continue;
    Comparison::Spread spread;
    for (const Division& township : townships) {
      for (const RollupView view : {RollupView::kOrigin, RollupView::kSite}) {
        Comparison::CountedPlaces counted;
        for (auto it = shared_.lower_bound({view, township, {}});
             it != shared_.end() && it->first.view == view && it->first.township == township;
             ++it) {
          if (view == RollupView::kOrigin) AddSpread(it->second, &spread);
          counted.insert(*it);
        }
        absl::Status status = compare_.Places(view, township, counted);
        if (!status.ok()) return status;
      }
    }
    absl::Status status = compare_.County(RollupView::kOrigin, county, spread);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RecountTotals> Recount(const Store& store, const RecountScope& scope,
                                      const RecountListener& listener) {
  return RecountRun(store, scope, listener).Run();
}

}  // namespace shouwang
