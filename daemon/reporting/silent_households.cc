#include "daemon/reporting/silent_households.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace shouwang::reporting {
namespace {

// Histories held at once.
constexpr size_t kHistoriesAtOnce = 256;

std::vector<Warning> OpenOn(const SubjectRisk& risk, Date on) {
  std::vector<Warning> open;
  const auto add = [&](RuleId rule, Severity severity, RiskKind kind, Date opened_on) {
    Warning warning;
    warning.subject = risk.subject;
    warning.rule = rule;
    warning.severity = severity;
    warning.kind = kind;
    warning.opened_on = opened_on;
    open.push_back(warning);
  };
  for (const RuleState& state : risk.states) {
    if (state.opened_on && *state.opened_on <= on) {
      add(state.rule, state.severity, state.kind, *state.opened_on);
    }
  }
  for (const Episode& past : risk.episodes) {
    if (past.opened_on <= on && on < past.cleared_on) {
      add(past.rule, past.severity, past.kind, past.opened_on);
    }
  }
  std::ranges::sort(open, {}, &Warning::rule);
  return open;
}

class Listing {
 public:
  Listing(const Store& store, const SilentQuery& query)
      : store_(store),
        query_(query),
        silent_before_(query.expected.SilentBefore(query.on)),
        given_up_before_(query.expected.GivenUpBefore(query.on)) {}

  absl::Status Add(const Division& township) {
    std::vector<SubjectRisk> later;
    absl::Status inner;
    absl::Status status =
        store_.ScanStates(township, [&](const Subject& subject, const SubjectState& state) {
          if (!state.risk || subject.kind != SubjectKind::kHousehold) return true;
          if (state.risk->evaluated_through <= query_.on) {
            Offer(*state.risk, state.risk->evaluated_through);
            return true;
          }
          later.push_back(*state.risk);
          if (later.size() == kHistoriesAtOnce) inner = OfferAsOnTheDay(&later);
          return inner.ok();
        });
    status.Update(inner);
    if (!status.ok()) return status;
    return OfferAsOnTheDay(&later);
  }

  // Of those that are shown, who told of them last.
  absl::StatusOr<SilentPage> Finish() {
    SilentPage page;
    for (auto it = kept_.begin(); it != kept_.end(); ++it) {
      if (page.households.size() == query_.page_size) {
        page.next = it->first;
        break;
      }
      page.households.push_back({it->first, Source::kCadreVisit, Instant{}, std::move(it->second)});
    }
    for (SilentHousehold& household : page.households) {
      const Date last = household.position.last_observed_on;
      const auto histories =
          store_.LoadHistories({&household.position.subject, 1}, DateRange{last, last});
      if (!histories.ok()) return histories.status();
      const History& history = histories->front();
      const auto row = std::ranges::lower_bound(history.dates(), last);
      if (row == history.dates().end() || *row != last) continue;
      const auto index = static_cast<size_t>(row - history.dates().begin());
      const Arrival& arrival = history.arrivals()[history.row_arrivals()[index]];
      household.source = arrival.source;
      household.known_at = arrival.known_at;
    }
    return page;
  }

 private:
  // One that observed something after the day: what had it observed by then?
  absl::Status OfferAsOnTheDay(std::vector<SubjectRisk>* risks) {
    if (risks->empty()) return absl::OkStatus();
    std::vector<Subject> subjects;
    for (const SubjectRisk& risk : *risks) subjects.push_back(risk.subject);
    const auto histories = store_.LoadHistories(subjects, DateRange{Date::Min(), query_.on});
    if (!histories.ok()) return histories.status();
    for (size_t i = 0; i < risks->size(); ++i) {
      const std::span<const Date> dates = (*histories)[i].dates();
      const auto after = std::ranges::upper_bound(dates, query_.on);
      if (after != dates.begin()) Offer((*risks)[i], *std::prev(after));
    }
    risks->clear();
    return absl::OkStatus();
  }

  void Offer(const SubjectRisk& risk, Date last) {
    const Month month = last.month();
    if (month >= silent_before_ || month < given_up_before_) return;
    std::vector<Warning> open = OpenOn(risk, query_.on);
    if (query_.with_warning_only && open.empty()) return;
    const SilentPosition position{open.empty(), last, risk.subject};
    if (query_.from && position < *query_.from) return;
    kept_.emplace(position, std::move(open));
    // One more than is shown tells where the next page begins.
    if (kept_.size() > query_.page_size + 1) kept_.erase(std::prev(kept_.end()));
  }

  const Store& store_;
  const SilentQuery& query_;
  const Month silent_before_;
  const Month given_up_before_;
  std::map<SilentPosition, std::vector<Warning>> kept_;
};

}  // namespace

absl::StatusOr<SilentPage> ListSilent(const Store& store, const SilentQuery& query,
                                      absl::FunctionRef<bool()> cancelled) {
  Listing listing(store, query);
  for (const Division& township : query.townships) {
    if (cancelled()) return absl::CancelledError("the caller has left");
    if (absl::Status status = listing.Add(township); !status.ok()) return status;
  }
  return listing.Finish();
}

}  // namespace shouwang::reporting
