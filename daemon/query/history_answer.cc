#include "daemon/query/history_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/series_service.h"
#include "daemon/wire/convert.h"
#include "storage/contract/as_of.h"

namespace shouwang::query {
namespace {

// Subjects loaded at a time, so that a request past kMaxPoints ends early.
constexpr size_t kChunk = 100;

struct Question {
  std::vector<Subject> subjects;
  std::set<IndicatorId> indicators;  // empty: all
  DateRange range;
  std::optional<Instant> as_of;
};

Question Check(const v1::GetHistoryRequest& request, const Catalogue& catalogue, Instant now,
               FieldCheck* check) {
  Question question;
  if (request.subjects_size() == 0) check->Fault("subjects", "none given; 1 to 1000 are needed");
  if (request.subjects_size() > SeriesService::kMaxSubjects) {
    check->Fault("subjects", fmt::format("{} are over the limit of {}", request.subjects_size(),
                                         SeriesService::kMaxSubjects));
    return question;
  }
  for (int i = 0; i < request.subjects_size(); ++i) {
    question.subjects.push_back(
        check->ParseSubject(fmt::format("subjects[{}]", i), request.subjects(i)));
  }
  for (int i = 0; i < request.indicators_size(); ++i) {
    const Indicator* indicator = catalogue.Find(request.indicators(i));
    if (indicator == nullptr) {
      check->Fault(fmt::format("indicators[{}]", i),
                   fmt::format("the catalogue has no '{}'", request.indicators(i).substr(0, 64)));
    } else {
      question.indicators.insert(indicator->id);
    }
  }
  if (request.from() != 0 || request.to() != 0) {
    question.range = {check->Day("from", request.from()), check->Day("to", request.to())};
    if (question.range.to < question.range.from) {
      check->Fault("to", fmt::format("{} is before from, {}", question.range.to.ToString(),
                                     question.range.from.ToString()));
    }
  }
  if (request.has_as_of_ms()) question.as_of = check->AsOf("as_of_ms", request.as_of_ms(), now);
  return question;
}

size_t FillHistory(const History& history, const Question& question, const Catalogue& catalogue,
                   v1::SubjectHistory* out) {
  size_t points = 0;
  for (const IndicatorId id : history.indicators()) {
    if (!question.indicators.empty() && !question.indicators.contains(id)) continue;
    const std::vector<Point> in_range = history.Of(id, question.range);
    if (in_range.empty()) continue;
    v1::Series* series = out->add_series();
    if (const Indicator* indicator = catalogue.Get(id)) {
      series->set_indicator(indicator->name);
      series->set_unit(indicator->unit);
      series->set_decimals(static_cast<uint32_t>(indicator->decimals));
    } else {
      series->set_indicator(fmt::format("indicator_{}", id));
    }
    for (const Point& point : in_range) {
      const Arrival& arrival = history.ArrivalOf(point);
      v1::Point* p = series->add_points();
      p->set_date(point.date.days());
      p->set_value(point.value);
      p->set_source(wire::ToProto(arrival.source));
      p->set_batch(arrival.batch);
      p->set_reported_at_ms(wire::ToMs(arrival.reported_at));
      p->set_known_at_ms(wire::ToMs(arrival.known_at));
    }
    points += in_range.size();
  }
  return points;
}

// NotFound unless each subject whose part of `histories` is empty has reported at other times.
absl::Status CheckReported(const Store& store, std::span<const Subject> subjects,
                           const std::vector<History>& histories) {
  std::vector<Subject> silent;
  for (size_t i = 0; i < subjects.size(); ++i) {
    if (histories[i].empty()) silent.push_back(subjects[i]);
  }
  if (silent.empty()) return absl::OkStatus();
  const auto whole = store.LoadHistories(silent, DateRange{});
  if (!whole.ok()) return whole.status();
  for (size_t i = 0; i < silent.size(); ++i) {
    if ((*whole)[i].empty()) {
      return absl::NotFoundError(fmt::format("{} has never reported", silent[i].ToString()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AnswerHistory(const Store& store, const Rulebook& rulebook, Instant now,
                           const v1::GetHistoryRequest& request, v1::GetHistoryResponse* response) {
  FieldCheck check("GetHistory");
  const Question question = Check(request, rulebook.reg.catalogue, now, &check);
  if (!check.ok()) return check.ToStatus();

  size_t points = 0;
  const std::span<const Subject> all(question.subjects);
  for (size_t from = 0; from < all.size(); from += kChunk) {
    const std::span<const Subject> subjects =
        all.subspan(from, std::min(kChunk, all.size() - from));
    auto histories = store.LoadHistories(subjects, question.range);
    if (!histories.ok()) return histories.status();
    if (absl::Status reported = CheckReported(store, subjects, *histories); !reported.ok()) {
      return reported;
    }
    if (question.as_of) {
      absl::Status taken = TakeBack(store, *question.as_of, *histories);
      if (!taken.ok()) return taken;
    }
    const auto states = store.LoadStates(subjects);
    if (!states.ok()) return states.status();
    for (size_t i = 0; i < subjects.size(); ++i) {
      v1::SubjectHistory* out = response->add_histories();
      out->set_subject(subjects[i].ToString());
      points += FillHistory((*histories)[i], question, rulebook.reg.catalogue, out);
      if ((*states)[i].residence && !question.as_of)
        *out->mutable_residence() = wire::ToProto(*(*states)[i].residence);
      if (points > SeriesService::kMaxPoints) {
        response->Clear();
        return absl::OutOfRangeError(fmt::format(
            "GetHistory: more than {} points, which is the limit; ask for fewer subjects, "
            "indicators or days",
            SeriesService::kMaxPoints));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace shouwang::query
