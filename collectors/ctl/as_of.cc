#include "collectors/ctl/as_of.h"

#include <fmt/format.h>

namespace shouwang::ctl {

std::optional<Instant> ParseAsOf(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto date = Date::Parse(text);
  if (date.ok()) return EndOf(*date);
  const auto instant = ParseInstant(text);
  if (instant.ok()) return *instant;
  throw Failure{
      fmt::format("--as-of '{}': write a day, 2026-03-01 (its end in China), or an instant, "
                  "2026-03-01T08:30:00Z or 2026-03-01T16:30:00+08:00, between 1900 and 2199",
                  text.substr(0, 40))};
}

void PrintAsOf(const Session& session, const std::optional<Instant>& as_of, bool judged) {
  if (!as_of || session.output() != Output::kTable) return;
  const std::string at = ToString(*as_of);
  session.out() << session.Title(fmt::format("截至 {} 已知的情况", at),
                                 fmt::format("as known at {}", at));
  if (judged) {
    session.out() << session.Title(
        "；按现在装载的政策判定，不是当时的政策",
        "; judged by the policies loaded now, not by those of that time");
  }
  session.out() << '\n';
}

Json AsOfJson(const std::optional<Instant>& as_of) {
  return as_of ? Json(ToString(*as_of)) : Json(nullptr);
}

}  // namespace shouwang::ctl
