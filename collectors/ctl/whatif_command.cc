#include <fmt/format.h>
#include <fmt/ranges.h>
#include <shouwang/v1/whatif.grpc.pb.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/ctl/as_of.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"

namespace shouwang::ctl {
namespace {

constexpr size_t kMaxPolicyBytes = 1 << 20;

// All of the answer's messages in one.
struct Answer {
  v1::WhatIfResponse rows;
  std::optional<Instant> as_of;
};

std::string ReadPolicyFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure{fmt::format("{}: can't be opened; does it exist?", path)};
  std::string text(kMaxPolicyBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxPolicyBytes) {
    throw Failure{fmt::format("{}: is over {} bytes, the limit", path, kMaxPolicyBytes)};
  }
  return text;
}

v1::WhatIfRequest RequestOf(const WhatIfArguments& arguments, const std::optional<Instant>& as_of) {
  v1::WhatIfRequest request;
  request.set_region(arguments.region);
  request.set_policy_name(arguments.policy);
  request.set_policy(ReadPolicyFile(arguments.policy));
  request.set_list_limit(arguments.list);
  if (as_of) request.set_as_of_ms(as_of->time_since_epoch().count());
  if (!arguments.through.empty()) {
    const auto through = Date::Parse(arguments.through);
    if (!through.ok()) {
      throw Failure{fmt::format("--through: {}", std::string(through.status().message()))};
    }
    request.set_through(through->days());
  }
  return request;
}

// The number of digits of the level to be shown; nullopt for sites.
std::optional<size_t> DigitsToShow(const WhatIfArguments& arguments) {
  if (arguments.by == "site") return std::nullopt;
  if (!arguments.by.empty()) {
    const auto level = ParseLevel(arguments.by);
    if (!level.ok() || *level > DivisionLevel::kTownship || *level == DivisionLevel::kNation) {
      throw Failure{fmt::format(
          "--by '{}': province, prefecture, county, township or site is expected", arguments.by)};
    }
    return static_cast<size_t>(*level);
  }
  const auto region = Division::Parse(arguments.region);
  const auto below = region.ok() ? LevelBelow(region->level()) : std::nullopt;
  if (!below || *below > DivisionLevel::kTownship) return arguments.region.size();
  return static_cast<size_t>(*below);
}

// One line that is written over, where someone looks on.
void ShowProgress(const v1::WhatIfProgress& progress) {
  if (isatty(STDERR_FILENO) == 0) return;
  if (progress.subjects_total() == 0) {
    fmt::print(stderr, "\r{} judged ", progress.subjects_done());
  } else {
    fmt::print(stderr, "\r{} of {} judged ({:.0f} %) ", progress.subjects_done(),
               progress.subjects_total(),
               100.0 * static_cast<double>(progress.subjects_done()) /
                   static_cast<double>(progress.subjects_total()));
  }
}

// No deadline: a nation takes minutes. Leaving (Ctrl-C) ends it in the daemon, too.
v1::WhatIfResponse Follow(const Session& session, const v1::WhatIfRequest& request) {
  const auto stub = v1::WhatIfService::NewStub(session.channel());
  grpc::ClientContext context;
  session.Introduce(&context);
  const auto reader = stub->WhatIf(&context, request);
  v1::WhatIfResponse all;
  v1::WhatIfResponse response;
  while (reader->Read(&response)) {
    if (response.has_progress()) ShowProgress(response.progress());
    all.MergeFrom(response);
  }
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
  const grpc::Status status = reader->Finish();
  if (!status.ok()) session.Fail(status);
  return all;
}

Json CountsJson(const v1::WhatIfCounts& counts) {
  return {{"entering", counts.entering()},
          {"leaving", counts.leaving()},
          {"staying", counts.staying()},
          {"visits", counts.visits()},
          {"households_entering", counts.households_entering()},
          {"households_leaving", counts.households_leaving()}};
}

Json PlaceJson(const v1::WhatIfPlace& place) {
  Json json = {{"place", place.place()}, {"name", place.name()}};
  json.update(CountsJson(place.counts()));
  json["kinds"] = Json::array();
  for (const v1::WhatIfKind& kind : place.kinds()) {
    Json of_kind = {{"risk_kind", kind.risk_kind()}};
    of_kind.update(CountsJson(kind.counts()));
    json["kinds"].push_back(std::move(of_kind));
  }
  return json;
}

Json RuleJson(const v1::WhatIfRule& rule) {
  Json json = {{"rule", rule.rule()},
               {"title_zh", rule.title_zh()},
               {"title_en", rule.title_en()},
               {"risk_kind", rule.risk_kind()},
               {"severity", Word(rule.severity())},
               {"only_new", rule.only_new()},
               {"only_loaded", rule.only_loaded()}};
  json.update(CountsJson(rule.counts()));
  return json;
}

Json SubjectJson(const v1::WhatIfSubject& subject) {
  return {
      {"subject", subject.subject()},
      {"entering", std::vector<std::string>(subject.entering().begin(), subject.entering().end())},
      {"leaving", std::vector<std::string>(subject.leaving().begin(), subject.leaving().end())}};
}

Json SummaryJson(const Answer& answer, const WhatIfArguments& arguments) {
  const v1::WhatIfSummary& summary = answer.rows.summary();
  Json json = {{"policy_version", summary.policy_version()},
               {"effective_from", DateText(summary.effective_from())},
               {"replaced_versions", std::vector<uint32_t>(summary.replaced_versions().begin(),
                                                           summary.replaced_versions().end())},
               {"through", arguments.through.empty() ? Json() : Json(arguments.through)},
               {"households", summary.households()},
               {"sites", summary.sites()},
               {"not_reached", summary.not_reached()},
               {"subjects_changed", summary.subjects_changed()},
               {"took_ms", summary.took_ms()}};
  json.update(CountsJson(summary.counts()));
  if (answer.as_of) json["as_of"] = AsOfJson(answer.as_of);
  return json;
}

void PrintJson(const Session& session, const Answer& answer, const WhatIfArguments& arguments) {
  const bool lines = session.output() == Output::kJsonLines;
  Json document = SummaryJson(answer, arguments);
  const auto add = [&](std::string_view key, const auto& rows, auto json_of) {
    if (!lines) document[std::string(key)] = Json::array();
    for (const auto& row : rows) {
      if (lines) {
        session.Print(json_of(row));
      } else {
        document[std::string(key)].push_back(json_of(row));
      }
    }
  };
  add("places", answer.rows.places(), PlaceJson);
  add("rules", answer.rows.rules(), RuleJson);
  add("subjects", answer.rows.subjects(), SubjectJson);
  session.Print(document);
}

// The columns of counts, behind those that name what is counted.
std::vector<Table::Column> CountColumns(const Session& session,
                                        std::vector<Table::Column> columns) {
  const auto right = [&](const char* zh, const char* en) {
    columns.push_back({session.Title(zh, en), Table::Align::kRight});
  };
  right("新增预警", "ENTER");
  right("解除预警", "LEAVE");
  right("维持", "STAY");
  right("需入户", "VISITS");
  right("新增户", "NEW HOMES");
  right("退出户", "FREED HOMES");
  return columns;
}

std::vector<std::string> Cells(std::vector<std::string> names, const v1::WhatIfCounts& counts) {
  for (const uint64_t count :
       {counts.entering(), counts.leaving(), counts.staying(), counts.visits(),
        counts.households_entering(), counts.households_leaving()}) {
    names.push_back(std::to_string(count));
  }
  return names;
}

void PrintPlaces(const Session& session, const Answer& answer, const WhatIfArguments& arguments) {
  const std::optional<size_t> digits = DigitsToShow(arguments);
  Listing listing(session, CountColumns(session, {{session.Title("代码", "CODE")},
                                                  {session.Title("地方", "WHERE")}}));
  for (const v1::WhatIfPlace& place : answer.rows.places()) {
    const bool site = place.place().find('/') != std::string::npos;
    if (digits ? site || place.place().size() != *digits : !site) continue;
    listing.Add({}, Cells({place.place(), place.name()}, place.counts()));
  }
  listing.Close(session.Title("没有变化", "nothing changes there"));
}

void PrintKindsAndRules(const Session& session, const Answer& answer,
                        const WhatIfArguments& arguments) {
  Listing kinds(session, CountColumns(session, {{session.Title("风险类型", "RISK")}}));
  for (const v1::WhatIfPlace& place : answer.rows.places()) {
    if (place.place() != arguments.region) continue;
    for (const v1::WhatIfKind& kind : place.kinds()) {
      kinds.Add({}, Cells({ShownRiskKind(kind.risk_kind(), session.language())}, kind.counts()));
    }
  }
  if (kinds.size() == 0) return;
  session.out() << '\n';
  kinds.Close("");
  session.out() << '\n';
  Listing rules(session, CountColumns(session, {{session.Title("规则", "RULE")},
                                                {session.Title("名称", "TITLE")}}));
  for (const v1::WhatIfRule& rule : answer.rows.rules()) {
    rules.Add({},
              Cells({rule.rule(), session.Title(rule.title_zh(), rule.title_en())}, rule.counts()));
  }
  rules.Close("");
}

void PrintSubjects(const Session& session, const Answer& answer) {
  if (answer.rows.subjects().empty()) return;
  session.out() << '\n';
  Listing listing(session, {{session.Title("监测主体", "SUBJECT")},
                            {session.Title("新增预警", "ENTER")},
                            {session.Title("解除预警", "LEAVE")}});
  for (const v1::WhatIfSubject& subject : answer.rows.subjects()) {
    listing.Add({}, {subject.subject(), fmt::format("{}", fmt::join(subject.entering(), ", ")),
                     fmt::format("{}", fmt::join(subject.leaving(), ", "))});
  }
  listing.Close("");
}

void PrintHead(const Session& session, const Answer& answer) {
  const v1::WhatIfSummary& summary = answer.rows.summary();
  const std::string replaced = fmt::format("{}", fmt::join(summary.replaced_versions(), ", "));
  const std::string from = DateText(summary.effective_from());
  session.out() << session.Title(
      fmt::format("政策 {}（自 {} 起{}）：判定 {} 户、{} 个安置点，用时 {:.1f} 秒\n",
                  summary.policy_version(), from,
                  replaced.empty() ? "" : fmt::format("，替换 {}", replaced), summary.households(),
                  summary.sites(), static_cast<double>(summary.took_ms()) / 1000),
      fmt::format("policy {} (from {}{}): {} households and {} sites judged in {:.1f} s\n",
                  summary.policy_version(), from,
                  replaced.empty() ? "" : fmt::format(", in the place of {}", replaced),
                  summary.households(), summary.sites(),
                  static_cast<double>(summary.took_ms()) / 1000));
  if (summary.not_reached() > 0) {
    session.out() << session.Title(
        fmt::format("其中 {} 个监测主体的最近一次上报不由该政策判定\n", summary.not_reached()),
        fmt::format("of them {} whose last report that policy does not judge\n",
                    summary.not_reached()));
  }
  session.out() << session.Title(fmt::format("需入户核实 {} 户\n\n", summary.counts().visits()),
                                 fmt::format("homes to visit: {}\n\n", summary.counts().visits()));
}

}  // namespace

void WhatIf(const Session& session, const WhatIfArguments& arguments) {
  Answer answer;
  answer.as_of = ParseAsOf(arguments.as_of);
  (void)DigitsToShow(arguments);
  answer.rows = Follow(session, RequestOf(arguments, answer.as_of));
  if (session.output() != Output::kTable) {
    PrintJson(session, answer, arguments);
    return;
  }
  PrintAsOf(session, answer.as_of, /*judged=*/false);
  PrintHead(session, answer);
  PrintPlaces(session, answer, arguments);
  PrintKindsAndRules(session, answer, arguments);
  PrintSubjects(session, answer);
}

}  // namespace shouwang::ctl
