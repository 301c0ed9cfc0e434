#include "collectors/ctl/case_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "collectors/ctl/explanation.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/case.h"

namespace shouwang::ctl {
namespace {

Json DayOrNull(bool there, int32_t days) { return there ? Json(DateText(days)) : Json(nullptr); }
Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json MeasureJson(const v1::TakenMeasure& measure) {
  Json json;
  json["measure"] = measure.measure();
  json["title_zh"] = measure.title_zh();
  json["title_en"] = measure.title_en();
  json["on"] = DateText(measure.on());
  json["role"] = TextOrNull(Word(measure.role()));
  json["actor"] = measure.actor();
  json["note"] = measure.note();
  return json;
}

Json EventJson(const v1::CaseEvent& event) {
  Json json;
  json["state"] = Word(event.state());
  json["at"] = InstantText(event.at_ms());
  json["role"] = TextOrNull(Word(event.role()));
  json["actor"] = TextOrNull(event.actor());
  json["note"] = event.note();
  json["category"] = TextOrNull(Word(event.category()));
  json["reason"] = TextOrNull(event.reason());
  json["cause"] = TextOrNull(Word(event.cause()));
  json["measure"] = event.has_measure() ? MeasureJson(event.measure()) : Json(nullptr);
  json["rules"] = Json::array();
  for (const std::string& rule : event.rules()) json["rules"].push_back(rule);
  return json;
}

std::string ComparisonText(const v1::Comparison& comparison) {
  const auto number = [](bool known, double value) { return known ? NumberText(value) : "?"; };
  return fmt::format("{}: {} {} {}", comparison.text(),
                     number(comparison.has_left(), comparison.left()), comparison.op(),
                     number(comparison.has_right(), comparison.right()));
}

Json ExitJson(const v1::ExitCondition& condition) {
  Json json;
  json["name"] = condition.name();
  json["title_zh"] = condition.title_zh();
  json["title_en"] = condition.title_en();
  json["when"] = condition.when();
  json["hold_months"] = condition.hold_months();
  json["truth"] = Word(condition.truth());
  json["date"] = DateText(condition.date());
  json["comparisons"] = Json::array();
  for (const v1::Comparison& comparison : condition.comparisons()) {
    json["comparisons"].push_back(ComparisonText(comparison));
  }
  return json;
}

std::string KindsText(const google::protobuf::RepeatedPtrField<std::string>& kinds,
                      Language language) {
  std::vector<std::string> shown;
  for (const std::string& kind : kinds) shown.push_back(ShownRiskKind(kind, language));
  return fmt::format("{}", fmt::join(shown, language == Language::kChinese ? "、" : ", "));
}

std::string MeasureText(const Session& session, const v1::TakenMeasure& measure) {
  std::string title = session.Title(measure.title_zh(), measure.title_en());
  return fmt::format("{} ({})", title.empty() ? measure.measure() : title, DateText(measure.on()));
}

// What happened, beside the state.
std::string EventText(const Session& session, const v1::CaseEvent& event) {
  std::vector<std::string> parts;
  if (event.has_measure()) parts.push_back(MeasureText(session, event.measure()));
  if (event.category() != v1::HOUSEHOLD_CATEGORY_UNSPECIFIED) {
    parts.push_back(Shown(event.category(), session.language()));
  }
  if (event.cause() != v1::DISMISSAL_CAUSE_UNSPECIFIED) {
    parts.push_back(Shown(event.cause(), session.language()));
  }
  if (!event.reason().empty()) parts.push_back(event.reason());
  if (!event.note().empty()) parts.push_back(event.note());
  if (event.role() == v1::ROLE_UNSPECIFIED) {
    parts.push_back(fmt::format("{}", fmt::join(event.rules(), ", ")));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

// Lines of "name  text", those without a text left out.
class Lines {
 public:
  explicit Lines(const Session& session) : session_(session) {}
  void Add(const char* zh, const char* en, const std::string& text) {
    if (text.empty()) return;
    const std::string name = session_.Title(zh, en);
    const size_t width = DisplayWidth(name);
    session_.out() << name << std::string(width < kWidth ? kWidth - width : 1, ' ') << text << '\n';
  }

 private:
  static constexpr size_t kWidth = 18;
  const Session& session_;
};

void PrintDeadlines(const Session& session, const v1::Case& record, Lines* lines) {
  if (record.has_not_before()) {
    lines->Add("不得早于", "not before", DateText(record.not_before()));
  }
  if (record.has_step_by()) lines->Add("本步期限", "step by", DateText(record.step_by()));
  if (record.has_decide_by()) lines->Add("认定期限", "decide by", DateText(record.decide_by()));
  if (record.days_over() > 0) {
    lines->Add("已超期", "OVERDUE",
               fmt::format("{} {}", record.days_over(), session.Title("天", "days")));
  }
  lines->Add("所在层级", "level", LevelText(record, session.language()));
  if (record.has_up_on()) lines->Add("升级日期", "goes up on", DateText(record.up_on()));
}

void PrintExit(const Session& session, const v1::GetCaseResponse& response) {
  if (response.exit().empty()) return;
  session.out() << '\n' << session.Title("风险消除条件", "What has to hold to be cleared") << '\n';
  Table table({{session.Title("条件", "CONDITION")},
               {session.Title("状态", "HOLDS")},
               {session.Title("日期", "ON")},
               {session.Title("数值", "NUMBERS")}});
  for (const v1::ExitCondition& condition : response.exit()) {
    std::vector<std::string> numbers;
    for (const v1::Comparison& comparison : condition.comparisons()) {
      numbers.push_back(ComparisonText(comparison));
    }
    table.Add({session.Title(condition.title_zh(), condition.title_en()),
               Shown(condition.truth(), session.language()), DateText(condition.date()),
               fmt::format("{}", fmt::join(numbers, "; "))});
  }
  table.Print(session.out());
}

void PrintEvents(const Session& session, const v1::GetCaseResponse& response) {
  if (response.events().empty()) return;
  session.out() << '\n' << session.Title("经过", "What was done") << '\n';
  Table table({{session.Title("时间", "AT")},
               {session.Title("状态", "STATE")},
               {session.Title("经办", "BY")},
               {session.Title("内容", "WHAT")}});
  for (const v1::CaseEvent& event : response.events()) {
    const bool by_warnings = event.role() == v1::ROLE_UNSPECIFIED;
    table.Add({InstantText(event.at_ms()), Shown(event.state(), session.language()),
               by_warnings
                   ? session.Title("预警", "warnings")
                   : fmt::format("{} {}", Shown(event.role(), session.language()), event.actor()),
               EventText(session, event)});
  }
  table.Print(session.out());
}

}  // namespace

std::string Word(v1::CaseState state) {
  const auto value = static_cast<CaseState>(state);
  return CaseStateName(value) == "unknown" ? "" : std::string(CaseStateName(value));
}

std::string Word(v1::Role role) {
  const auto value = static_cast<Role>(role);
  return RoleName(value) == "unknown" ? "" : std::string(RoleName(value));
}

std::string Word(v1::HouseholdCategory category) {
  const auto value = static_cast<HouseholdCategory>(category);
  return CategoryName(value) == "unknown" ? "" : std::string(CategoryName(value));
}

std::string Shown(v1::CaseState state, Language language) {
  if (language == Language::kEnglish) return Word(state);
  return std::string(CaseStateTitleZh(static_cast<CaseState>(state)));
}

std::string Shown(v1::Role role, Language language) {
  if (language == Language::kEnglish || Word(role).empty()) return Word(role);
  return std::string(RoleTitleZh(static_cast<Role>(role)));
}

std::string Shown(v1::HouseholdCategory category, Language language) {
  if (language == Language::kEnglish || Word(category).empty()) return Word(category);
  return std::string(CategoryTitleZh(static_cast<HouseholdCategory>(category)));
}

std::string Word(v1::DismissalCause cause) {
  const auto value = static_cast<DismissalCause>(cause);
  return CauseName(value) == "unknown" ? "" : std::string(CauseName(value));
}

std::string Shown(v1::DismissalCause cause, Language language) {
  if (language == Language::kEnglish || Word(cause).empty()) return Word(cause);
  return std::string(CauseTitleZh(static_cast<DismissalCause>(cause)));
}

std::string LevelText(const v1::Case& record, Language language) {
  std::string level = Shown(record.level(), language);
  if (record.level() <= record.owner()) return level;
  const std::string owner = Shown(record.owner(), language);
  return language == Language::kChinese ? fmt::format("{}（由{}升级）", level, owner)
                                        : fmt::format("{}, up from {}", level, owner);
}

std::string NextText(const v1::Case& record, Language language) {
  std::vector<std::string> steps;
  for (const v1::NextStep& next : record.next()) {
    std::vector<std::string> roles;
    for (const int role : next.roles()) {
      roles.push_back(Shown(static_cast<v1::Role>(role), language));
    }
    steps.push_back(fmt::format("{} ({})", Shown(next.to(), language), fmt::join(roles, ", ")));
  }
  return fmt::format("{}", fmt::join(steps, "; "));
}

Json CaseJson(const v1::Case& record) {
  Json json;
  json["subject"] = record.subject();
  json["division_path"] = record.division_path();
  json["state"] = Word(record.state());
  json["etag"] = record.etag();
  json["round"] = record.round();
  json["opened_on"] = DayOrNull(record.has_opened_on(), record.opened_on());
  json["entered_on"] = DayOrNull(record.has_entered_on(), record.entered_on());
  json["not_before"] = DayOrNull(record.has_not_before(), record.not_before());
  json["step_by"] = DayOrNull(record.has_step_by(), record.step_by());
  json["decide_by"] = DayOrNull(record.has_decide_by(), record.decide_by());
  json["due_on"] = DayOrNull(record.has_due_on(), record.due_on());
  json["days_over"] = record.days_over();
  json["owner"] = TextOrNull(Word(record.owner()));
  json["level"] = TextOrNull(Word(record.level()));
  json["escalated"] = record.level() > record.owner();
  json["up_on"] = DayOrNull(record.has_up_on(), record.up_on());
  json["category"] = TextOrNull(Word(record.category()));
  json["reason"] = TextOrNull(record.reason());
  json["cause"] = TextOrNull(Word(record.cause()));
  json["warnings"] = Json::array();
  for (const v1::Warning& warning : record.warnings()) {
    json["warnings"].push_back(WarningJson(warning));
  }
  json["risk_kinds"] = Json::array();
  for (const std::string& kind : record.risk_kinds()) json["risk_kinds"].push_back(kind);
  json["kinds_without_measure"] = Json::array();
  for (const std::string& kind : record.kinds_without_measure()) {
    json["kinds_without_measure"].push_back(kind);
  }
  json["measures"] = Json::array();
  for (const v1::TakenMeasure& measure : record.measures()) {
    json["measures"].push_back(MeasureJson(measure));
  }
  json["next"] = Json::array();
  for (const v1::NextStep& next : record.next()) {
    Json step;
    step["to"] = Word(next.to());
    step["roles"] = Json::array();
    for (const int role : next.roles()) {
      step["roles"].push_back(Word(static_cast<v1::Role>(role)));
    }
    json["next"].push_back(std::move(step));
  }
  return json;
}

Json CaseJson(const v1::GetCaseResponse& response) {
  Json json = CaseJson(response.case_());
  json["exit"] = Json::array();
  for (const v1::ExitCondition& condition : response.exit()) {
    json["exit"].push_back(ExitJson(condition));
  }
  json["events"] = Json::array();
  for (const v1::CaseEvent& event : response.events()) json["events"].push_back(EventJson(event));
  return json;
}

void PrintCase(const Session& session, const v1::GetCaseResponse& response) {
  const v1::Case& record = response.case_();
  const Language language = session.language();
  session.out() << fmt::format("{}  {}\n\n", record.subject(), record.division_path());
  Lines lines(session);
  std::string state = Shown(record.state(), language);
  if (record.has_entered_on()) {
    state += fmt::format(" {} {}", session.Title("自", "since"), DateText(record.entered_on()));
  }
  lines.Add("状态", "state", state);
  lines.Add("版本", "etag", record.etag());
  lines.Add("第几轮", "round", record.round() > 0 ? std::to_string(record.round()) : "");
  if (record.has_opened_on()) lines.Add("线索日期", "clue of", DateText(record.opened_on()));
  PrintDeadlines(session, record, &lines);
  lines.Add("对象类别", "category", Shown(record.category(), language));
  lines.Add("理由", "reason", record.reason());
  lines.Add("原因", "cause", Shown(record.cause(), language));
  for (const v1::Warning& warning : record.warnings()) {
    lines.Add("预警", "warning",
              fmt::format("{} {} {} {} {}", Shown(warning.severity(), language), warning.rule(),
                          session.Title(warning.rule_title_zh(), warning.rule_title_en()),
                          session.Title("自", "since"), DateText(warning.opened_on())));
  }
  for (const v1::TakenMeasure& measure : record.measures()) {
    lines.Add("措施", "measure", MeasureText(session, measure));
  }
  lines.Add("缺对应措施", "NO MEASURE FOR", KindsText(record.kinds_without_measure(), language));
  lines.Add("下一步", "next", NextText(record, language));
  PrintExit(session, response);
  PrintEvents(session, response);
}

}  // namespace shouwang::ctl
