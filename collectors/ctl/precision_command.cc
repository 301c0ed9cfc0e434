#include <fmt/format.h>
#include <shouwang/v1/follow_up.grpc.pb.h>

#include <memory>
#include <string>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/parsed.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

Json JsonOf(const v1::Interval& interval) {
  return {{"value", interval.value()}, {"low", interval.low()}, {"high", interval.high()}};
}

Json JsonOf(const v1::RulePrecision& rule) {
  Json json;
  if (!rule.rule().empty()) {
    json["rule"] = rule.rule();
    json["title_zh"] = rule.title_zh();
    json["title_en"] = rule.title_en();
  }
  json["rounds"] = rule.rounds();
  json["confirmed"] = rule.confirmed();
  json["refuted"] = rule.refuted();
  json["refuted_data_error"] = rule.refuted_data_error();
  json["refuted_coping"] = rule.refuted_coping();
  json["refuted_other"] = rule.refuted_other();
  json["pending"] = rule.pending();
  json["precision"] = rule.has_precision() ? JsonOf(rule.precision()) : Json(nullptr);
  json["median_days"] = rule.has_median_days() ? Json(rule.median_days()) : Json(nullptr);
  return json;
}

Json JsonOf(const v1::MissedEstimate& estimate) {
  return {{"townships", estimate.townships()},
          {"unflagged", estimate.unflagged()},
          {"visited", estimate.visited()},
          {"at_risk", estimate.at_risk()},
          {"confirmed", estimate.confirmed()},
          {"missed", JsonOf(estimate.missed())},
          {"recall", estimate.has_recall() ? JsonOf(estimate.recall()) : Json(nullptr)}};
}

Json JsonOf(const v1::GetPrecisionResponse& response) {
  Json json;
  json["confidence"] = response.confidence();
  json["rules"] = Json::array();
  for (const v1::RulePrecision& rule : response.rules()) json["rules"].push_back(JsonOf(rule));
  json["any_rule"] = JsonOf(response.any_rule());
  json["confirmed_without_rule"] = response.confirmed_without_rule();
  json["estimate"] = response.has_estimate() ? JsonOf(response.estimate()) : Json(nullptr);
  return json;
}

std::string Percent(const v1::Interval& interval) {
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", interval.value() * 100, interval.low() * 100,
                     interval.high() * 100);
}

void AddRow(const v1::RulePrecision& rule, const std::string& name, Table* table) {
  table->Add({name, std::to_string(rule.rounds()), std::to_string(rule.confirmed()),
              std::to_string(rule.refuted()), std::to_string(rule.refuted_data_error()),
              std::to_string(rule.refuted_coping()), std::to_string(rule.pending()),
              rule.has_precision() ? Percent(rule.precision()) : "",
              rule.has_median_days() ? fmt::format("{:g}", rule.median_days()) : ""});
}

void PrintTable(const Session& session, const v1::GetPrecisionResponse& response) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{session.Title("规则", "RULE")},
               {session.Title("工单轮次", "ROUNDS"), kRight},
               {session.Title("属实", "CONFIRMED"), kRight},
               {session.Title("不予纳入", "REFUTED"), kRight},
               {session.Title("其中数据有误", "DATA ERROR"), kRight},
               {session.Title("其中自身可应对", "COPING"), kRight},
               {session.Title("未定", "PENDING"), kRight},
               {session.Title("查准率（区间）", "PRECISION (INTERVAL)"), kRight},
               {session.Title("认定天数中位数", "MEDIAN DAYS"), kRight}});
  for (const v1::RulePrecision& rule : response.rules()) AddRow(rule, rule.rule(), &table);
  AddRow(response.any_rule(), session.Title("全部规则", "all rules together"), &table);
  table.Print(session.out());
  session.out() << fmt::format("\n{}: {}\n",
                               session.Title("无预警而纳入监测", "registered without a warning"),
                               response.confirmed_without_rule());
}

void PrintEstimate(const Session& session, const v1::GetPrecisionResponse& response) {
  if (!response.has_estimate()) {
    session.out() << session.Title("尚无抽查走访，无法估计漏报",
                                   "no drawn household was visited: what is missed is not known")
                  << '\n';
    return;
  }
  const v1::MissedEstimate& estimate = response.estimate();
  const bool chinese = session.language() == Language::kChinese;
  session.out() << (chinese ? fmt::format(
                                  "抽查：{} 个乡镇走访 {} 户，有风险 {} 户；无线索 {} 户中估计漏报 "
                                  "{:.0f} 户（{:.0f} 至 {:.0f}）\n",
                                  estimate.townships(), estimate.visited(), estimate.at_risk(),
                                  estimate.unflagged(), estimate.missed().value(),
                                  estimate.missed().low(), estimate.missed().high())
                            : fmt::format(
                                  "drawn households: {} visited in {} townships, {} at risk; of {} "
                                  "without a clue about {:.0f} are missed ({:.0f} to {:.0f})\n",
                                  estimate.visited(), estimate.townships(), estimate.at_risk(),
                                  estimate.unflagged(), estimate.missed().value(),
                                  estimate.missed().low(), estimate.missed().high()));
  if (!estimate.has_recall()) return;
  session.out() << fmt::format("{}: {}\n",
                               session.Title("规则召回率估计", "recall of the rules, estimated"),
                               Percent(estimate.recall()));
}

}  // namespace

void Precision(const Session& session, const PrecisionArguments& arguments) {
  const auto stub = v1::FollowUpService::NewStub(session.channel());
  v1::GetPrecisionRequest request;
  request.set_region(arguments.region);
  if (!arguments.from.empty()) {
    request.set_from(Parsed("--from", arguments.from, Date::Parse).days());
  }
  if (!arguments.to.empty()) request.set_to(Parsed("--to", arguments.to, Date::Parse).days());
  v1::GetPrecisionResponse response;
  session.Call([&](grpc::ClientContext* context) {
    return stub->GetPrecision(context, request, &response);
  });
  if (session.output() != Output::kTable) {
    session.Print(JsonOf(response));
    return;
  }
  PrintTable(session, response);
  PrintEstimate(session, response);
}

}  // namespace shouwang::ctl
