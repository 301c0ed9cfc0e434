#include "daemon/query/worklist_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/risk/rank.h"

namespace shouwang::query {
namespace {

// Households whose histories are loaded at once, between two questions whether the caller is there.
constexpr size_t kHouseholdsAtOnce = 256;

struct Candidate {
  risk::HouseholdRank rank;
  std::vector<Warning> warnings;
};

// Whether `a` is to be visited before `b`.
bool Before(const Candidate& a, const Candidate& b) {
  if (a.rank.rank != b.rank.rank) return a.rank.rank > b.rank.rank;
  return a.rank.subject < b.rank.subject;
}

void FillProjection(const risk::Projection& projection, v1::IncomeProjection* out) {
  out->set_line(projection.line);
  out->set_reported(projection.reported);
  out->set_expected(projection.expected);
  out->set_low(projection.low);
  out->set_high(projection.high);
  out->set_months_to_come(static_cast<uint32_t>(projection.months_to_come));
  out->set_probability(projection.probability);
  out->set_probability_low(projection.probability_low);
  out->set_probability_high(projection.probability_high);
}

void FillVisit(const Candidate& candidate, const risk::Ranker& ranker, const Rulebook& rulebook,
               v1::Visit* out) {
  const risk::HouseholdRank& rank = candidate.rank;
  out->set_subject(rank.subject.ToString());
  out->set_division_path(PathOf(rank.subject, rulebook.reg.divisions));
  out->set_rank(rank.rank);
  for (const risk::RankTerm& term : rank.terms) {
    v1::RankTerm* told = out->add_terms();
    told->set_name(std::string(term.name));
    told->set_points(term.points);
  }
  for (const Warning& warning : candidate.warnings) {
    FillWarning(warning, rulebook, out->add_warnings());
  }
  out->set_months_open(static_cast<uint32_t>(std::max(rank.months_open, 0)));
  if (rank.trend) out->set_trend(*rank.trend);
  if (rank.vulnerability) out->set_vulnerability(*rank.vulnerability);
  if (rank.projection) FillProjection(*rank.projection, out->mutable_projection());
  out->set_text_zh(ranker.Line(rank, risk::Language::kZh));
  out->set_text_en(ranker.Line(rank, risk::Language::kEn));
}

// The best of one township, while its households go by.
class TownshipBest {
 public:
  explicit TownshipBest(size_t visits) : visits_(visits) {}

  const Division& township() const { return township_; }
  size_t households() const { return households_; }
  void Begin(const Division& township) {
    township_ = township;
    households_ = 0;
    best_.clear();
  }
  // The worst of the best lies on top of the heap.
  void Offer(Candidate candidate) {
    ++households_;
    if (best_.size() == visits_) {
      if (!Before(candidate, best_.front())) return;
      std::ranges::pop_heap(best_, Before);
      best_.pop_back();
    }
    best_.push_back(std::move(candidate));
    std::ranges::push_heap(best_, Before);
  }
  // How many visits it made.
  size_t Fill(const risk::Ranker& ranker, const Rulebook& rulebook,
              v1::ListWorklistResponse* response) {
    if (best_.empty()) return 0;
    std::ranges::sort_heap(best_, Before);
    v1::TownshipWorklist* out = response->add_townships();
    out->set_township(township_.ToString());
    out->set_division_path(rulebook.reg.divisions.PathOf(township_));
    out->set_households(static_cast<uint32_t>(households_));
    for (const Candidate& candidate : best_) {
      FillVisit(candidate, ranker, rulebook, out->add_visits());
    }
    return best_.size();
  }

 private:
  const size_t visits_;
  Division township_;
  size_t households_ = 0;
  std::vector<Candidate> best_;
};

// The open warnings of the next households of `region` from `from` on, household by household.
struct Bunch {
  std::vector<std::vector<Warning>> warned;
  std::optional<Subject> next;  // where to go on; nullopt: that was all
};

absl::StatusOr<Bunch> NextBunch(const Store& store, const Division& region, const Subject& from) {
  Bunch bunch;
  const absl::Status read = store.ScanWarnings(region, from, 0, [&](const Warning& warning) {
    if (warning.subject.kind != SubjectKind::kHousehold) return true;
    if (bunch.warned.empty() || bunch.warned.back().front().subject != warning.subject) {
      if (bunch.warned.size() == kHouseholdsAtOnce) {
        bunch.next = warning.subject;
        return false;
      }
      bunch.warned.emplace_back();
    }
    bunch.warned.back().push_back(warning);
    return true;
  });
  if (!read.ok()) return read;
  return bunch;
}

// A page while it fills.
class Page {
 public:
  Page(const Store& store, const Rulebook& rulebook, const risk::Policy& policy, Date today,
       size_t visits, v1::ListWorklistResponse* response)
      : store_(store),
        rulebook_(rulebook),
        today_(today),
        ranker_(policy, rulebook.reg.catalogue),
        best_(visits),
        response_(response) {}

  // Where the next page begins, where this one is full before the bunch's end.
  absl::StatusOr<std::optional<Subject>> Take(const Bunch& bunch) {
    std::vector<Subject> subjects;
    for (const auto& warnings : bunch.warned) subjects.push_back(warnings.front().subject);
    const DateRange range{today_.PlusMonths(-ranker_.LookbackMonths()), today_};
    const absl::Status loaded = store_.FillHistories(subjects, range, &histories_);
    if (!loaded.ok()) return loaded;
    for (size_t i = 0; i < subjects.size(); ++i) {
      const Division township = subjects[i].In(DivisionLevel::kTownship);
      if (!begun_ || township != best_.township()) {
        EndTownship();
        if (IsFull()) return subjects[i];
        best_.Begin(township);
        begun_ = true;
      }
      best_.Offer({ranker_.Rank(histories_[i], bunch.warned[i], today_), bunch.warned[i]});
    }
    return std::nullopt;
  }
  void EndTownship() {
    if (!begun_) return;
    visits_told_ += best_.Fill(ranker_, rulebook_, response_);
    households_ranked_ += best_.households();
  }

 private:
  bool IsFull() const {
    return visits_told_ >= kMaxVisitsOfPage || households_ranked_ >= kMaxHouseholdsRanked;
  }

  const Store& store_;
  const Rulebook& rulebook_;
  const Date today_;
  risk::Ranker ranker_;
  bool begun_ = false;
  TownshipBest best_;
  size_t visits_told_ = 0;
  size_t households_ranked_ = 0;
  std::vector<History> histories_;
  v1::ListWorklistResponse* const response_;
};

}  // namespace

absl::Status AnswerWorklist(const Store& store, const Rulebook& rulebook, Instant now,
                            const v1::ListWorklistRequest& request,
                            absl::FunctionRef<bool()> cancelled,
                            v1::ListWorklistResponse* response) {
  FieldCheck check("ListWorklist");
  const Division region = check.Region("region", request.region(), rulebook.reg.divisions);
  if (request.visits() > kMaxVisits) {
    check.Fault("visits",
                fmt::format("{} is over the limit of {} a township", request.visits(), kMaxVisits));
  }
  const size_t visits = request.visits() == 0 ? kDefaultVisits : request.visits();
  const uint64_t listing = Fingerprint(fmt::format("ListWorklist {} {}", request.region(), visits));
  const WarningPosition from = check.PageStart(request.page_token(), listing, DecodePosition);
  if (!check.ok()) return check.ToStatus();

  const Date today = DateOf(now);
  const risk::Policy& policy = rulebook.policies.InForce(today);
  if (!policy.worklist) {
    return absl::FailedPreconditionError(
        fmt::format("policy {}, in force on {}, has no 'worklist:' to rank households by",
                    policy.version, today.ToString()));
  }
  response->set_policy_version(policy.version);
  response->set_policy_title(policy.title_zh);
  response->set_date(today.days());

  Page page(store, rulebook, policy, today, visits, response);
  for (std::optional<Subject> at = from.subject; at;) {
    if (cancelled()) return absl::CancelledError("the caller has left");
    const absl::StatusOr<Bunch> bunch = NextBunch(store, region, *at);
    if (!bunch.ok()) return bunch.status();
    const absl::StatusOr<std::optional<Subject>> full = page.Take(*bunch);
    if (!full.ok()) return full.status();
    if (*full) {
      response->set_next_page_token(EncodePageToken(listing, EncodePosition({**full, 0})));
      return absl::OkStatus();
    }
    at = bunch->next;
  }
  page.EndTownship();
  return absl::OkStatus();
}

}  // namespace shouwang::query
