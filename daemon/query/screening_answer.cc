#include "daemon/query/screening_answer.h"

#include <algorithm>
#include <tuple>

#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

using screening::Example;
using screening::Outcome;
using screening::ScreenedReporter;
using screening::State;

v1::ScreenState ToWire(State state) {
  switch (state) {
    case State::kUnremarkable:
      return v1::SCREEN_STATE_UNREMARKABLE;
    case State::kFinding:
      return v1::SCREEN_STATE_FINDING;
    case State::kTooFewValues:
      return v1::SCREEN_STATE_TOO_FEW_VALUES;
    case State::kTooFewPeers:
      return v1::SCREEN_STATE_TOO_FEW_PEERS;
  }
  return v1::SCREEN_STATE_UNSPECIFIED;
}

v1::Screen ToWire(screening::Screen screen) {
  using screening::Screen;
  switch (screen) {
    case Screen::kCopiedValues:
      return v1::SCREEN_COPIED_VALUES;
    case Screen::kCopiedReports:
      return v1::SCREEN_COPIED_REPORTS;
    case Screen::kRoundAmounts:
      return v1::SCREEN_ROUND_AMOUNTS;
    case Screen::kLastDigits:
      return v1::SCREEN_LAST_DIGITS;
    case Screen::kAboveLine:
      return v1::SCREEN_ABOVE_LINE;
    case Screen::kEntrySpeed:
      return v1::SCREEN_ENTRY_SPEED;
  }
  return v1::SCREEN_UNSPECIFIED;
}

void FillExample(const Example& example, const Catalogue& catalogue, v1::ScreenExample* out) {
  if (example.subject.number > 0) out->set_subject(example.subject.ToString());
  if (const Indicator* indicator = catalogue.Get(example.indicator)) {
    out->set_indicator(indicator->name);
  }
  out->set_date(example.date.days());
  if (example.date_before) out->set_date_before(example.date_before->days());
  out->set_value(example.value);
  if (example.hour) out->set_hour(static_cast<uint32_t>(*example.hour));
}

void FillOutcome(const Outcome& outcome, const Catalogue& catalogue, v1::ScreenOutcome* out) {
  out->set_screen(ToWire(outcome.screen));
  out->set_state(ToWire(outcome.state));
  out->set_hits(outcome.share.hits);
  out->set_values(outcome.share.values);
  out->set_share(outcome.measure);
  if (outcome.peers_median) out->set_peers_median(*outcome.peers_median);
  out->set_peers(static_cast<uint32_t>(outcome.peers));
  if (outcome.p) out->set_p(*outcome.p);
  if (outcome.q) out->set_q(*outcome.q);
  for (const Example& example : outcome.examples) {
    FillExample(example, catalogue, out->add_examples());
  }
  if (!outcome.digits) return;
  for (size_t digit = 0; digit < outcome.digits->size(); ++digit) {
    out->add_digits((*outcome.digits)[digit]);
    out->add_digits_expected(outcome.digits_expected[digit]);
  }
}

void FillReporter(const ScreenedReporter& reporter, const Rulebook& rulebook,
                  v1::ScreenedReporter* out) {
  out->set_township(reporter.reporter.township.ToString());
  out->set_name(rulebook.reg.divisions.PathOf(reporter.reporter.township));
  out->set_collector(reporter.reporter.collector);
  out->set_source(wire::ToProto(reporter.reporter.source));
  out->set_households(reporter.households);
  out->set_reports(reporter.reports);
  for (const Outcome& outcome : reporter.outcomes) {
    FillOutcome(outcome, rulebook.reg.catalogue, out->add_outcomes());
  }
}

size_t CountFindings(const ScreenedReporter& reporter) {
  return static_cast<size_t>(
      std::ranges::count(reporter.outcomes, State::kFinding, &Outcome::state));
}

// Of its findings; 1 where it has none.
double LeastP(const ScreenedReporter& reporter) {
  double least = 1;
  for (const Outcome& outcome : reporter.outcomes) {
    if (outcome.state == State::kFinding) least = std::min(least, *outcome.p);
  }
  return least;
}

}  // namespace

std::vector<v1::ScreenResponse> ScreeningAnswer(const ScreeningQuestion& question,
                                                const ScreeningResult& result) {
  std::vector<const ScreenedReporter*> told;
  size_t findings = 0;
  for (const ScreenedReporter& reporter : result.comparison.reporters) {
    if (!question.region.Contains(reporter.reporter.township)) continue;
    if (!question.collector.empty() && question.collector != reporter.reporter.collector) continue;
    told.push_back(&reporter);
    findings += CountFindings(reporter);
  }
  std::ranges::sort(told, [](const ScreenedReporter* a, const ScreenedReporter* b) {
    const auto key = [](const ScreenedReporter* reporter) {
      return std::tuple(CountFindings(*reporter) == 0, LeastP(*reporter));
    };
    if (key(a) != key(b)) return key(a) < key(b);
    return a->reporter < b->reporter;
  });
  std::vector<v1::ScreenResponse> messages(1);
  for (const ScreenedReporter* reporter : told) {
    if (messages.back().reporters_size() == static_cast<int>(kMaxReportersInMessage)) {
      messages.emplace_back();
    }
    FillReporter(*reporter, *question.rulebook, messages.back().add_reporters());
  }
  v1::ScreeningSummary* summary = messages.back().mutable_summary();
  summary->set_from_month(question.months.from.index());
  summary->set_to_month(question.months.to.index());
  summary->set_policy_version(question.policy->version);
  summary->set_false_discovery_rate(question.policy->screening->false_discovery_rate);
  summary->set_subjects(result.subjects);
  summary->set_reporters(result.comparison.reporters.size());
  summary->set_tests(result.comparison.tests);
  summary->set_findings(findings);
  summary->set_values_of_unknown_batches(result.values_of_unknown_batches);
  summary->set_took_ms(result.took_ms);
  return messages;
}

}  // namespace shouwang::query
