// One alert as an Alertmanager is told it, and as JSON of its v2 API. Labels name the alert and
// never change while it fires; what may change (the number of households, titles of a new policy)
// is in annotations, so that it makes no new alert. What people do about the warnings is a label
// (acknowledged="true", or level="county") because it is routed by: where it changes, the alert
// ends and goes on as another one.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/rulebook/rulebook.h"
#include "storage/contract/deliveries.h"

namespace shouwang::alerts {

struct Message {
  WarningGroup group;
  bool firing = true;      // else: it is over since `ends_at`
  std::string households;  // HouseholdsText; of what is over, as it was told last
  Instant starts_at{};
  Instant ends_at{};         // while firing: when it is over if it is not told again
  std::string waiting = "";  // of the households, those not taken on; empty: not known, or over
  // Of what is over: the same warnings go on as another alert, handled otherwise.
  std::optional<Handling> goes_on = std::nullopt;
};

// What a message is worded with. `link` is a template in which {division}, {county}, {prefecture},
// {province}, {rule} and {severity} stand for the group's, percent-encoded; empty: no link.
struct Wording {
  const Rulebook& rulebook;
  std::string_view link;
  Date today;
};

std::string LinkTo(const WarningGroup& group, std::string_view link);

// A JSON array of them.
std::string BodyOf(std::span<const Message* const> messages, const Wording& wording);

}  // namespace shouwang::alerts
