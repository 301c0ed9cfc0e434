#include "storage/contract/recount.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace shouwang {
namespace {

struct Sum {
  int64_t count = 0;
  int64_t sum = 0;
  friend bool operator==(const Sum&, const Sum&) = default;
};

using Cell = std::pair<IndicatorId, Month>;

// All that is counted at one place.
struct PlaceCounts {
  std::map<Cell, Sum> cells;
  Tally tally;
};

std::string NameOf(const RollupPlace& place) {
  switch (place.view) {
    case RollupView::kSettlement:
      return fmt::format("township {}", place.township.ToString());
    case RollupView::kOrigin:
      return fmt::format("origin {}", place.township.ToString());
    case RollupView::kSite:
      return fmt::format("site {}", place.site.ToString());
  }
  return "?";
}

std::vector<Tally::OpenWarnings> SortedWarnings(const Tally& tally) {
  std::vector<Tally::OpenWarnings> warnings = tally.warnings;
  std::erase_if(warnings, [](const Tally::OpenWarnings& open) { return open.count == 0; });
  std::ranges::sort(warnings);
  return warnings;
}

class RecountRun {
 public:
  RecountRun(const Store& store, const RecountScope& scope, const RecountListener& listener)
      : store_(store), scope_(scope), listener_(listener), indicators_(scope.indicators) {
    indicators_.insert(kAnyIndicator);
  }

  absl::StatusOr<RecountTotals> Run() {
    if (absl::Status status = CountHomes(); !status.ok()) return status;
    // A place of others can be counted only once everyone was seen. Where they were too many, the
    // histories are read again for the rest.
    while (true) {
      if (absl::Status status = CompareShared(); !status.ok()) return status;
      if (!past_limit_) return totals_;
      from_ = *past_limit_;
      past_limit_.reset();
      shared_.clear();
      cells_ = 0;
      if (absl::Status status = CountShared(); !status.ok()) return status;
    }
  }

 private:
  absl::Status CountHomes();
  absl::Status CountShared();
  absl::Status EnterTownship(const Division& township);
  absl::Status LeaveTownship();
  void Add(const History& history, PlaceCounts* counts, size_t* new_cells) const;
  void AddShared(const Subject& subject, const SubjectState& state, const History* history);
  void AddRisk(const SubjectRisk& risk, PlaceCounts* counts) const;
  PlaceCounts* SharedAt(const RollupPlace& place);
  void KeepWithinLimit();
  absl::Status CompareShared();
  absl::Status ComparePlaces(RollupView view, const Division& township,
                             const std::map<RollupPlace, PlaceCounts>& counted);
  void CompareTally(const RollupPlace& place, const Tally& counted, const Tally& stored);
  absl::Status CompareWarnings(const Division& township);
  // What is damaged was told of already; the rest is served.
  absl::Status Tolerate(absl::Status status) const {
    return absl::IsDataLoss(status) && !scope_.damaged.empty() ? absl::OkStatus() : status;
  }
  bool IsClosed(IndicatorId indicator, Month month) const {
    return Date::FirstOf(month) < (indicator == kAnyIndicator
                                       ? scope_.retention.AllKeptFrom()
                                       : scope_.retention.KeptFrom(indicator));
  }

  const Store& store_;
  const RecountScope& scope_;
  const RecountListener& listener_;
  std::set<IndicatorId> indicators_;
  std::set<Division> seen_;  // townships
  RecountTotals totals_;

  // Of the township at hand.
  std::optional<Division> township_;
  std::map<Subject, SubjectState> states_;
  PlaceCounts home_;

  // Origins and sites in townships from from_ on, and the first that was too much.
  std::map<RollupPlace, PlaceCounts> shared_;
  size_t cells_ = 0;
  std::optional<Division> from_;
  std::optional<Division> past_limit_;
};

absl::Status RecountRun::CountHomes() {
  absl::Status inner;
  absl::Status status = store_.ScanHistories(Division(), DateRange{}, [&](const History& history) {
    const Division township = history.subject().In(DivisionLevel::kTownship);
    if (township_ != township) {
      inner = LeaveTownship();
      if (inner.ok()) inner = EnterTownship(township);
      if (!inner.ok()) return false;
    }
    ++totals_.subjects;
    totals_.observations += history.PointCount();
    for (const History::Column& column : history.columns()) indicators_.insert(column.indicator);
    size_t ignored = 0;
    Add(history, &home_, &ignored);
    const auto state = states_.find(history.subject());
    AddShared(history.subject(), state == states_.end() ? SubjectState() : state->second, &history);
    if ((totals_.subjects & 0xfff) == 0) listener_.on_progress(totals_);
    return true;
  });
  status = Tolerate(std::move(status));
  status.Update(inner);
  if (!status.ok()) return status;
  if (status = LeaveTownship(); !status.ok()) return status;
  for (const Division& township : scope_.townships) {
    if (seen_.contains(township)) continue;
    if (status = EnterTownship(township); !status.ok()) return status;
    if (status = LeaveTownship(); !status.ok()) return status;
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
    if (!state.risk) continue;
    AddRisk(*state.risk, &home_);
    for (const RuleState& rule : state.risk->states) totals_.warnings += rule.opened_on ? 1 : 0;
  }
  if (scope_.damaged.contains(*township_)) return absl::OkStatus();
  const RollupPlace place{RollupView::kSettlement, *township_, {}};
  std::map<RollupPlace, PlaceCounts> counted;
  if (home_.tally != Tally()) counted[place] = std::move(home_);
  if (absl::Status status = ComparePlaces(RollupView::kSettlement, *township_, counted);
      !status.ok()) {
    return status;
  }
  return CompareWarnings(*township_);
}

void RecountRun::Add(const History& history, PlaceCounts* counts, size_t* new_cells) const {
  std::set<Month> months;
  for (const History::Column& column : history.columns()) {
    for (const Point& point : column.points) {
      const Month month = point.date.month();
      const auto [it, fresh] = counts->cells.try_emplace({column.indicator, month});
      ++it->second.count;
      it->second.sum += point.value;
      *new_cells += fresh ? 1 : 0;
      months.insert(month);
      counts->tally.latest_observed_on = std::max(counts->tally.latest_observed_on, point.date);
    }
    counts->tally.observations += static_cast<int64_t>(column.points.size());
  }
  if (history.subject().kind == SubjectKind::kSite) {
    ++counts->tally.sites;
    return;
  }
  ++counts->tally.households;
  for (const Month month : months) {
    const auto [it, fresh] = counts->cells.try_emplace({kAnyIndicator, month});
    ++it->second.count;
    *new_cells += fresh ? 1 : 0;
  }
}

void RecountRun::AddRisk(const SubjectRisk& risk, PlaceCounts* counts) const {
  Tally delta;
  for (const RuleState& rule : risk.states) {
    if (!rule.opened_on) continue;
    delta.warnings = {{rule.rule, rule.severity, 1}};
    AddTally(delta, &counts->tally);
  }
}

PlaceCounts* RecountRun::SharedAt(const RollupPlace& place) {
  if (from_ && place.township < *from_) return nullptr;
  if (past_limit_ && !(place.township < *past_limit_)) return nullptr;
  return &shared_[place];
}

// A site counts at itself, a relocated household at its origin and its site.
void RecountRun::AddShared(const Subject& subject, const SubjectState& state,
                           const History* history) {
  std::vector<RollupPlace> places;
  if (subject.kind == SubjectKind::kSite) {
    places.push_back({RollupView::kSite, subject.In(DivisionLevel::kTownship), subject});
  } else if (state.residence) {
    const Residence& residence = *state.residence;
    places.push_back(
        {RollupView::kOrigin, residence.origin.At(DivisionLevel::kTownship), Subject{}});
    places.push_back(
        {RollupView::kSite, residence.site.In(DivisionLevel::kTownship), residence.site});
  }
  for (const RollupPlace& place : places) {
    PlaceCounts* counts = SharedAt(place);
    if (counts == nullptr) continue;
    Add(*history, counts, &cells_);
    if (state.risk) AddRisk(*state.risk, counts);
  }
  KeepWithinLimit();
}

// Lets go of the last townships until half the room is free.
void RecountRun::KeepWithinLimit() {
  if (cells_ <= scope_.max_cells) return;
  std::set<Division> townships;
  for (const auto& [place, counts] : shared_) townships.insert(place.township);
  while (cells_ > scope_.max_cells / 2 && townships.size() > 1) {
    past_limit_ = *townships.rbegin();
    townships.erase(std::prev(townships.end()));
    std::erase_if(shared_, [&](const auto& entry) {
      if (entry.first.township != *past_limit_) return false;
      cells_ -= entry.second.cells.size();
      return true;
    });
  }
}

// As CountHomes, for shared places only.
absl::Status RecountRun::CountShared() {
  township_.reset();
  absl::Status inner;
  absl::Status status = store_.ScanHistories(Division(), DateRange{}, [&](const History& history) {
    const Division township = history.subject().In(DivisionLevel::kTownship);
    if (township_ != township) {
      inner = EnterTownship(township);
      if (!inner.ok()) return false;
    }
    const auto state = states_.find(history.subject());
    AddShared(history.subject(), state == states_.end() ? SubjectState() : state->second, &history);
    return true;
  });
  status = Tolerate(std::move(status));
  status.Update(inner);
  return status;
}

absl::Status RecountRun::CompareShared() {
  // A household that cannot be read is missing at its origin, which no one knows.
  if (!scope_.damaged.empty()) return absl::OkStatus();
  std::set<Division> townships = scope_.townships;
  for (const auto& [place, counts] : shared_) townships.insert(place.township);
  for (const Division& township : townships) {
    if (from_ && township < *from_) continue;
    if (past_limit_ && !(township < *past_limit_)) continue;
    for (const RollupView view : {RollupView::kOrigin, RollupView::kSite}) {
      std::map<RollupPlace, PlaceCounts> counted;
      for (auto it = shared_.lower_bound({view, township, {}});
           it != shared_.end() && it->first.view == view && it->first.township == township; ++it) {
        counted.insert(*it);
      }
      if (absl::Status status = ComparePlaces(view, township, counted); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status RecountRun::ComparePlaces(RollupView view, const Division& township,
                                       const std::map<RollupPlace, PlaceCounts>& counted) {
  std::map<std::tuple<RollupPlace, IndicatorId, Month>, std::pair<Sum, Sum>> cells;
  for (const IndicatorId indicator : indicators_) {
    RollupQuery query;
    query.view = view;
    query.region = township;
    query.indicator = indicator;
    query.from = Date::Min().month();
    query.to = Date::Max().month();
    const absl::StatusOr<std::vector<RollupCell>> stored = store_.ReadRollups(query);
    if (!stored.ok()) return stored.status();
    for (const RollupCell& cell : *stored) {
      cells[{cell.place, indicator, cell.month}].first = {cell.count, cell.sum};
    }
  }
  std::map<RollupPlace, std::pair<Tally, Tally>> tallies;
  const absl::StatusOr<std::vector<Tally>> stored = store_.ReadTallies(view, township);
  if (!stored.ok()) return stored.status();
  for (const Tally& tally : *stored) tallies[tally.place].first = tally;
  for (const auto& [place, counts] : counted) {
    for (const auto& [cell, sum] : counts.cells) {
      cells[{place, cell.first, cell.second}].second = sum;
    }
    tallies[place].second = counts.tally;
  }
  for (const auto& [key, sums] : cells) {
    const auto& [place, indicator, month] = key;
    if (IsClosed(indicator, month)) continue;
    ++totals_.rollup_cells;
    if (sums.first == sums.second) continue;
    listener_.on_rollup(fmt::format(
        "rollup of {}, indicator {}, {}: count {} and sum {} are stored, {} and {} are counted",
        NameOf(place), indicator, month.ToString(), sums.first.count, sums.first.sum,
        sums.second.count, sums.second.sum));
  }
  for (const auto& [place, pair] : tallies) CompareTally(place, pair.second, pair.first);
  return absl::OkStatus();
}

void RecountRun::CompareTally(const RollupPlace& place, const Tally& counted, const Tally& stored) {
  ++totals_.tallies;
  const auto differ = [&](std::string_view what, int64_t is, int64_t should) {
    if (is == should) return;
    listener_.on_tally(fmt::format("tally of {}: {} {} are stored, {} are counted", NameOf(place),
                                   is, what, should));
  };
  differ("households", stored.households, counted.households);
  differ("sites", stored.sites, counted.sites);
  differ("observations", stored.observations, counted.observations);
  if (stored.latest_observed_on < counted.latest_observed_on) {
    listener_.on_tally(fmt::format("tally of {}: the latest date is {}, an observation is of {}",
                                   NameOf(place), stored.latest_observed_on.ToString(),
                                   counted.latest_observed_on.ToString()));
  }
  std::map<std::pair<RuleId, Severity>, std::pair<int64_t, int64_t>> open;
  for (const Tally::OpenWarnings& w : SortedWarnings(stored))
    open[{w.rule, w.severity}].first = w.count;
  for (const Tally::OpenWarnings& w : SortedWarnings(counted)) {
    open[{w.rule, w.severity}].second = w.count;
  }
  for (const auto& [key, counts] : open) {
    differ(fmt::format("open warnings of rule {} ({})", key.first, SeverityName(key.second)),
           counts.first, counts.second);
  }
}

// Every open rule of a state has its warning, and no other warning is there.
absl::Status RecountRun::CompareWarnings(const Division& township) {
  std::map<std::pair<Subject, RuleId>, std::pair<std::string, std::string>> warnings;
  const auto text = [](Date opened_on, Severity severity, RiskKind kind, uint32_t version) {
    return fmt::format("{} {} since {} by policy {}", SeverityName(severity), RiskKindName(kind),
                       opened_on.ToString(), version);
  };
  for (const auto& [subject, state] : states_) {
    if (!state.risk) continue;
    for (const RuleState& rule : state.risk->states) {
      if (!rule.opened_on) continue;
      warnings[{subject, rule.rule}].second =
          text(*rule.opened_on, rule.severity, rule.kind, rule.policy_version);
    }
  }
  absl::Status status = store_.ScanWarnings(township, Subject{}, 0, [&](const Warning& warning) {
    warnings[{warning.subject, warning.rule}].first =
        text(warning.opened_on, warning.severity, warning.kind, warning.policy_version);
    return true;
  });
  if (!status.ok()) return status;
  for (const auto& [key, texts] : warnings) {
    if (texts.first == texts.second) continue;
    const auto told = [](const std::string& words) { return words.empty() ? "none" : words; };
    listener_.on_warning(fmt::format("warning of {}, rule {}: {} is listed, {} by its state",
                                     key.first.ToString(), key.second, told(texts.first),
                                     told(texts.second)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RecountTotals> Recount(const Store& store, const RecountScope& scope,
                                      const RecountListener& listener) {
  return RecountRun(store, scope, listener).Run();
}

}  // namespace shouwang
