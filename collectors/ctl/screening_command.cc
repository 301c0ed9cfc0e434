#include <fmt/format.h>
#include <fmt/ranges.h>
#include <shouwang/v1/screening.grpc.pb.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/screening_words.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

int32_t MonthOf(std::string_view option, const std::string& text) {
  const auto month = Month::Parse(text);
  if (!month.ok()) {
    throw Failure{fmt::format("{}: {}", option, std::string(month.status().message()))};
  }
  return month->index();
}

v1::ScreenRequest RequestOf(const ScreeningArguments& arguments) {
  if (!arguments.township.empty() && !arguments.region.empty()) {
    throw Failure{"--township and --division both name a region; give one of them"};
  }
  v1::ScreenRequest request;
  request.set_region(arguments.township.empty() ? arguments.region : arguments.township);
  request.set_collector(arguments.reporter);
  if (!arguments.from.empty()) request.set_from_month(MonthOf("--from", arguments.from));
  if (!arguments.to.empty()) request.set_to_month(MonthOf("--to", arguments.to));
  return request;
}

// No deadline: a province takes minutes. Leaving (Ctrl-C) ends it in the daemon, too.
v1::ScreenResponse Follow(const Session& session, const v1::ScreenRequest& request) {
  const auto stub = v1::ScreeningService::NewStub(session.channel());
  grpc::ClientContext context;
  const auto reader = stub->Screen(&context, request);
  const bool shown = isatty(STDERR_FILENO) != 0;
  v1::ScreenResponse all;
  v1::ScreenResponse response;
  while (reader->Read(&response)) {
    if (response.has_progress() && shown) {
      fmt::print(stderr, "\r{} of {} gone through ", response.progress().subjects_done(),
                 response.progress().subjects_total());
    }
    all.MergeFrom(response);
  }
  if (shown) fmt::print(stderr, "\r\033[K");
  const grpc::Status status = reader->Finish();
  if (!status.ok()) session.Fail(status);
  return all;
}

Json ExampleJson(const v1::ScreenExample& example) {
  Json json;
  if (!example.subject().empty()) json["subject"] = example.subject();
  if (!example.indicator().empty()) json["indicator"] = example.indicator();
  json["date"] = DateText(example.date());
  if (example.has_date_before()) json["date_before"] = DateText(example.date_before());
  if (example.has_hour()) json["hour"] = example.hour();
  json["value"] = example.value();
  return json;
}

Json OutcomeJson(const v1::ScreenOutcome& outcome) {
  Json json = {{"screen", Word(outcome.screen())},
               {"state", Word(outcome.state())},
               {"hits", outcome.hits()},
               {"values", outcome.values()},
               {"share", outcome.share()},
               {"peers_median", outcome.has_peers_median() ? Json(outcome.peers_median()) : Json()},
               {"peers", outcome.peers()},
               {"p", outcome.has_p() ? Json(outcome.p()) : Json()},
               {"q", outcome.has_q() ? Json(outcome.q()) : Json()}};
  if (outcome.digits_size() > 0) {
    json["digits"] = std::vector<uint64_t>(outcome.digits().begin(), outcome.digits().end());
    json["digits_expected"] =
        std::vector<double>(outcome.digits_expected().begin(), outcome.digits_expected().end());
  }
  if (outcome.state() == v1::SCREEN_STATE_FINDING) json["examples"] = Json::array();
  for (const v1::ScreenExample& example : outcome.examples()) {
    json["examples"].push_back(ExampleJson(example));
  }
  return json;
}

Json ReporterJson(const v1::ScreenedReporter& reporter) {
  Json json = {{"township", reporter.township()},     {"name", reporter.name()},
               {"collector", reporter.collector()},   {"source", Word(reporter.source())},
               {"households", reporter.households()}, {"reports", reporter.reports()}};
  json["outcomes"] = Json::array();
  for (const v1::ScreenOutcome& outcome : reporter.outcomes()) {
    json["outcomes"].push_back(OutcomeJson(outcome));
  }
  return json;
}

void PrintJson(const Session& session, const v1::ScreenResponse& all) {
  const v1::ScreeningSummary& summary = all.summary();
  Json document = {{"from", MonthText(summary.from_month())},
                   {"to", MonthText(summary.to_month())},
                   {"policy_version", summary.policy_version()},
                   {"false_discovery_rate", summary.false_discovery_rate()},
                   {"subjects", summary.subjects()},
                   {"reporters_compared", summary.reporters()},
                   {"tests", summary.tests()},
                   {"findings", summary.findings()},
                   {"values_of_unknown_batches", summary.values_of_unknown_batches()},
                   {"took_ms", summary.took_ms()}};
  if (session.output() == Output::kJson) document["reporters"] = Json::array();
  for (const v1::ScreenedReporter& reporter : all.reporters()) {
    if (session.output() == Output::kJson) {
      document["reporters"].push_back(ReporterJson(reporter));
    } else {
      session.Print(ReporterJson(reporter));
    }
  }
  session.Print(document);
}

void PrintHead(const Session& session, const v1::ScreenResponse& all) {
  const v1::ScreeningSummary& s = all.summary();
  const std::string from = MonthText(s.from_month());
  const std::string to = MonthText(s.to_month());
  session.out() << session.Title(
      fmt::format(
          "{} 至 {}：{} 个上报方、{} 个监测主体，{} 项检验，{} 项提示（错误发现率控制在 {:.0f}%，"
          "政策 {}）\n提示只说明哪里值得看一看，不证明任何事，不针对任何人。\n\n",
          from, to, s.reporters(), s.subjects(), s.tests(), s.findings(),
          100 * s.false_discovery_rate(), s.policy_version()),
      fmt::format("{} to {}: {} reporters and {} subjects compared in {} tests, {} findings (false "
                  "discovery rate {:.0f} %, policy {})\nA finding is a reason to look. It proves "
                  "nothing and accuses nobody.\n\n",
                  from, to, s.reporters(), s.subjects(), s.tests(), s.findings(),
                  100 * s.false_discovery_rate(), s.policy_version()));
  if (s.tests() == 0 && s.reporters() > 0) {
    session.out() << session.Title(
        "没有可比对象：上报方只与同一个县、同一来源的其他上报方相比，而这里同类太少或数值太少"
        "（--all 逐项列出原因）\n\n",
        "Nothing could be compared: a reporter's peers are the others of its county and source, "
        "and "
        "there are too few of them or too few values (--all tells of each)\n\n");
  }
  if (s.values_of_unknown_batches() == 0) return;
  session.out() << session.Title(
      fmt::format("{} 个值的批次已无记录，未计入\n\n", s.values_of_unknown_batches()),
      fmt::format("{} values of batches that are not known any more count to nobody\n\n",
                  s.values_of_unknown_batches()));
}

void PrintOutcomes(const Session& session, const v1::ScreenResponse& all, bool everything) {
  const auto right = Table::Align::kRight;
  Listing listing(session, {{session.Title("乡镇", "TOWNSHIP")},
                            {session.Title("采集端", "COLLECTOR")},
                            {session.Title("来源", "SOURCE")},
                            {session.Title("筛查项", "SCREEN")},
                            {session.Title("命中", "HITS"), right},
                            {session.Title("总数", "OF"), right},
                            {session.Title("占比", "SHARE"), right},
                            {session.Title("同类中位", "PEERS"), right},
                            {session.Title("q值", "Q"), right},
                            {session.Title("结果", "RESULT")}});
  for (const v1::ScreenedReporter& reporter : all.reporters()) {
    for (const v1::ScreenOutcome& outcome : reporter.outcomes()) {
      if (!everything && outcome.state() != v1::SCREEN_STATE_FINDING) continue;
      listing.Add({}, {reporter.township(), reporter.collector(),
                       Shown(reporter.source(), session.language()),
                       Shown(outcome.screen(), session.language()), std::to_string(outcome.hits()),
                       std::to_string(outcome.values()), PerCentText(outcome.share()),
                       outcome.has_peers_median() ? PerCentText(outcome.peers_median()) : "",
                       outcome.has_q() ? ProbabilityText(outcome.q()) : "",
                       Shown(outcome.state(), session.language())});
    }
  }
  listing.Close(all.reporters().empty()
                    ? session.Title("没有符合条件的上报方", "no such reporter in these months")
                    : session.Title("没有提示", "no findings"));
}

void PrintDigits(const Session& session, const v1::ScreenOutcome& outcome) {
  Listing listing(session, {{session.Title("尾数", "DIGIT")},
                            {session.Title("个数", "AMOUNTS"), Table::Align::kRight},
                            {session.Title("按同类应有", "AS PEERS"), Table::Align::kRight}});
  for (int i = 0; i < outcome.digits_size() && i < outcome.digits_expected_size(); ++i) {
    listing.Add({}, {std::to_string(i + 1), std::to_string(outcome.digits(i)),
                     fmt::format("{:.1f}", outcome.digits_expected(i))});
  }
  listing.Close("");
}

void PrintExamples(const Session& session, const v1::ScreenOutcome& outcome) {
  Listing listing(session, {{session.Title("监测主体", "SUBJECT")},
                            {session.Title("指标", "INDICATOR")},
                            {session.Title("日期", "DATE")},
                            {session.Title("此前日期", "BEFORE")},
                            {session.Title(std::string(ValueTitleZh(outcome.screen())),
                                           std::string(ValueTitleEn(outcome.screen()))),
                             Table::Align::kRight}});
  for (const v1::ScreenExample& example : outcome.examples()) {
    std::string date = DateText(example.date());
    if (example.has_hour()) date += fmt::format(" {:02}:00", example.hour());
    listing.Add({}, {example.subject(), example.indicator(), date,
                     example.has_date_before() ? DateText(example.date_before()) : "",
                     NumberText(example.value())});
  }
  listing.Close("");
}

void PrintEvidence(const Session& session, const v1::ScreenResponse& all) {
  for (const v1::ScreenedReporter& reporter : all.reporters()) {
    for (const v1::ScreenOutcome& outcome : reporter.outcomes()) {
      if (outcome.state() != v1::SCREEN_STATE_FINDING) continue;
      session.out() << fmt::format("\n{} {} ({}): {}\n", reporter.name(), reporter.collector(),
                                   Shown(reporter.source(), session.language()),
                                   Shown(outcome.screen(), session.language()));
      session.out() << Meaning(outcome.screen(), session.language()) << '\n';
      if (outcome.digits_size() > 0) {
        PrintDigits(session, outcome);
      } else {
        PrintExamples(session, outcome);
      }
    }
  }
}

}  // namespace

void Screening(const Session& session, const ScreeningArguments& arguments) {
  const v1::ScreenResponse all = Follow(session, RequestOf(arguments));
  if (session.output() != Output::kTable) {
    PrintJson(session, all);
    return;
  }
  PrintHead(session, all);
  PrintOutcomes(session, all, arguments.all || !arguments.reporter.empty());
  if (!arguments.reporter.empty()) PrintEvidence(session, all);
}

}  // namespace shouwang::ctl
