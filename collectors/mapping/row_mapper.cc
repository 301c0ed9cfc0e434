#include "collectors/mapping/row_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "collectors/mapping/expression.h"
#include "collectors/mapping/mapping.h"
#include "collectors/mapping/plan.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/division.h"

namespace shouwang {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

struct RowMapper::State {
  const MappingPlan* plan = nullptr;
  std::vector<size_t> positions;  // of the plan's columns in a row
  size_t width = 0;               // cells of a row
  std::vector<int> decimals;      // of the plan's indicators
  std::vector<Expression> expressions;

  // Of the row at hand. A missing text is empty.
  std::vector<std::string_view> cells;
  std::vector<std::vector<std::string_view>> pieces;
  std::vector<std::optional<double>> computed;
  MappedRow* mapped = nullptr;

  // One fault per cell: the first that was found.
  void Fault(const std::string& column, std::string_view value, std::string reason) {
    RowFault fault{column, std::string(value.substr(0, 200)), std::move(reason)};
    std::vector<RowFault>& faults = mapped->faults;
    const bool known = std::any_of(faults.begin(), faults.end(), [&](const RowFault& other) {
      return other.column == fault.column && other.value == fault.value;
    });
    if (!known) faults.push_back(std::move(fault));
  }

  bool IsMissing(std::string_view text) const {
    return text.empty() ||
           std::find(plan->missing.begin(), plan->missing.end(), text) != plan->missing.end();
  }

  // Of a column or a piece.
  std::string_view TextOf(const NameRef& ref) const {
    return ref.kind == NameRef::Kind::kPiece ? pieces[ref.index][ref.piece] : cells[ref.index];
  }

  void TakeCells(const std::vector<std::string>& row) {
    cells.clear();
    for (const size_t position : positions) {
      const std::string_view text = Trim(row[position]);
      cells.push_back(IsMissing(text) ? std::string_view() : text);
    }
  }

  void SplitCells() {
    for (size_t i = 0; i < plan->splits.size(); ++i) {
      const MappingPlan::Split& split = plan->splits[i];
      std::vector<std::string_view>& parts = pieces[i];
      parts.clear();
      std::string_view rest = TextOf(split.cell);
      const std::string_view whole = rest;
      for (size_t at = rest.find(split.at); at != std::string_view::npos;
           at = rest.find(split.at)) {
        parts.push_back(Trim(rest.substr(0, at)));
        rest.remove_prefix(at + split.at.size());
      }
      parts.push_back(Trim(rest));
      if (parts.size() != split.into.size()) {
        if (!whole.empty()) {
          Fault(plan->NameOf(split.cell), whole,
                fmt::format("has {} parts at '{}', {} are expected", parts.size(), split.at,
                            split.into.size()));
        }
        parts.assign(split.into.size(), {});
      }
    }
  }

  std::optional<double> NumberOf(const NameRef& ref) {
    if (ref.kind == NameRef::Kind::kComputed) return computed[ref.index];
    const std::string_view text = TextOf(ref);
    if (text.empty()) return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
      Fault(plan->NameOf(ref), text, "is not a number");
      return std::nullopt;
    }
    return number;
  }

  void Compute() {
    std::vector<double> operands;
    for (size_t i = 0; i < plan->computed.size(); ++i) {
      const MappingPlan::Computed& rule = plan->computed[i];
      computed[i].reset();
      operands.clear();
      for (const NameRef& ref : rule.operands) {
        if (const std::optional<double> number = NumberOf(ref)) operands.push_back(*number);
      }
      if (operands.size() != rule.operands.size()) continue;
      const double result = expressions[i].Evaluate(operands);
      if (std::isfinite(result)) {
        computed[i] = result;
      } else {
        Fault(rule.name, fmt::format("{}", result),
              fmt::format("'{}' has no finite result here", rule.text));
      }
    }
  }

  // Empty where the name is missing or is no whole number.
  std::string TemplateTextOf(const NameRef& ref) {
    if (ref.kind != NameRef::Kind::kComputed) return std::string(TextOf(ref));
    const std::optional<double> number = computed[ref.index];
    if (!number) return "";
    if (*number != std::floor(*number) || *number < 0 || *number > 1e15) {
      Fault(plan->NameOf(ref), fmt::format("{}", *number), "is not a whole number");
      return "";
    }
    return fmt::format("{:.0f}", *number);
  }

  bool IsMissing(const TextTemplate& text) const {
    return std::all_of(text.parts.begin(), text.parts.end(), [&](const TextTemplate::Part& part) {
      if (part.name.empty()) return true;
      if (part.ref.kind == NameRef::Kind::kComputed) return !computed[part.ref.index].has_value();
      return TextOf(part.ref).empty();
    });
  }

  // nullopt and a fault where a name in it is missing.
  std::optional<std::string> Expand(const TextTemplate& text, std::string_view what) {
    std::string result;
    bool complete = true;
    for (const TextTemplate::Part& part : text.parts) {
      result += part.literal;
      if (part.name.empty()) continue;
      const size_t faults = mapped->faults.size();
      const std::string piece = TemplateTextOf(part.ref);
      if (piece.empty()) {
        complete = false;
        if (mapped->faults.size() == faults) {
          Fault(plan->NameOf(part.ref), "", fmt::format("is missing, and the {} needs it", what));
        }
        continue;
      }
      if (piece.size() < part.width) result.append(part.width - piece.size(), '0');
      result += piece;
    }
    if (!complete) return std::nullopt;
    return result;
  }

  // Where a fault of the whole template is told: its first name.
  std::string ColumnOf(const TextTemplate& text, std::string_view what) const {
    for (const TextTemplate::Part& part : text.parts) {
      if (!part.name.empty()) return plan->NameOf(part.ref);
    }
    return std::string(what);
  }

  template <typename T>
  std::optional<T> Accept(absl::StatusOr<T> result, const TextTemplate& from, std::string_view what,
                          std::string_view value) {
    if (result.ok()) return *std::move(result);
    Fault(ColumnOf(from, what), value, std::string(result.status().message()));
    return std::nullopt;
  }

  std::optional<Subject> MapSubject() {
    const std::optional<std::string> place = Expand(plan->place, "place");
    const std::optional<std::string> number_text = Expand(plan->number, "number");
    if (!place || !number_text) return std::nullopt;
    uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(number_text->data(), number_text->data() + number_text->size(), number);
    if (error != std::errc() || end != number_text->data() + number_text->size() || number == 0) {
      Fault(ColumnOf(plan->number, "number"), *number_text,
            "is not a whole number from 1 to 4294967295");
      return std::nullopt;
    }
    const auto division = Accept(Division::Parse(*place), plan->place, "place", *place);
    if (!division) return std::nullopt;
    return Accept(plan->kind == SubjectKind::kSite ? Subject::Site(*division, number)
                                                   : Subject::Household(*division, number),
                  plan->place, "place", *place);
  }

  std::optional<Date> MapDate() {
    const std::optional<std::string> text = Expand(plan->period, "period");
    if (!text) return std::nullopt;
    return Accept(ParsePeriod(*text, plan->period_format), plan->period, "period", *text);
  }

  void MapResidence() {
    const MappingPlan::ResidenceRule& rule = *plan->residence;
    if (IsMissing(rule.site) && IsMissing(rule.origin)) return;
    const auto site_text = Expand(rule.site, "residence");
    const auto origin_text = Expand(rule.origin, "residence");
    const auto since_text = Expand(rule.since, "residence");
    if (!site_text || !origin_text || !since_text) return;
    const auto site = Accept(Subject::Parse(*site_text), rule.site, "site", *site_text);
    const auto origin = Accept(Division::Parse(*origin_text), rule.origin, "origin", *origin_text);
    const auto since =
        Accept(ParsePeriod(*since_text, PeriodFormat::kDate), rule.since, "since", *since_text);
    if (!site || !origin || !since) return;
    if (site->kind != SubjectKind::kSite) {
      Fault(ColumnOf(rule.site, "site"), *site_text, "is a household, not a site");
      return;
    }
    mapped->residence = Residence{mapped->subject, *site, *origin, *since};
  }

  void MapValues() {
    for (size_t i = 0; i < plan->indicators.size(); ++i) {
      const NameRef& ref = plan->indicator_refs[i];
      absl::StatusOr<int64_t> value = int64_t{0};
      std::string text;
      if (ref.kind == NameRef::Kind::kComputed) {
        const std::optional<double> number = computed[ref.index];
        if (!number) continue;
        text = fmt::format("{}", *number);
        value = FromDouble(*number, decimals[i]);
      } else {
        text = std::string(TextOf(ref));
        if (text.empty()) continue;
        value = ParseDecimal(text, decimals[i]);
      }
      if (value.ok()) {
        mapped->values.push_back({static_cast<uint32_t>(i), *value});
      } else {
        Fault(plan->NameOf(ref), text, std::string(value.status().message()));
      }
    }
  }
};

RowMapper::RowMapper(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowMapper::RowMapper(RowMapper&&) noexcept = default;
RowMapper& RowMapper::operator=(RowMapper&&) noexcept = default;
RowMapper::~RowMapper() = default;

void RowMapper::Map(const std::vector<std::string>& row, MappedRow* mapped) {
  *mapped = MappedRow();
  State& state = *state_;
  state.mapped = mapped;
  if (row.size() != state.width) {
    state.Fault("", "", fmt::format("has {} cells, the heading has {}", row.size(), state.width));
    return;
  }
  state.TakeCells(row);
  state.SplitCells();
  state.Compute();
  const std::optional<Subject> subject = state.MapSubject();
  const std::optional<Date> date = state.MapDate();
  if (!subject || !date) return;
  mapped->usable = true;
  mapped->subject = *subject;
  mapped->date = *date;
  if (state.plan->residence) state.MapResidence();
  state.MapValues();
}

// Here because it fills RowMapper's state.
absl::StatusOr<RowMapper> Mapping::Bind(const std::vector<std::string>& heading,
                                        const Catalogue& catalogue) const {
  if (absl::Status status = Check(heading); !status.ok()) return status;
  if (absl::Status status = Check(catalogue); !status.ok()) return status;
  auto state = std::make_unique<RowMapper::State>();
  state->plan = plan_.get();
  state->width = heading.size();
  for (const MappingPlan::Column& column : plan_->columns) {
    const auto it = std::find(heading.begin(), heading.end(), column.heading);
    state->positions.push_back(static_cast<size_t>(it - heading.begin()));
  }
  for (const std::string& name : plan_->indicators) {
    state->decimals.push_back(catalogue.Find(name)->decimals);
  }
  for (const MappingPlan::Computed& computed : plan_->computed) {
    absl::StatusOr<Expression> expression = Expression::Compile(computed.text);
    if (!expression.ok()) return expression.status();
    state->expressions.push_back(*std::move(expression));
  }
  state->pieces.resize(plan_->splits.size());
  state->computed.resize(plan_->computed.size());
  return RowMapper(std::move(state));
}

}  // namespace shouwang
