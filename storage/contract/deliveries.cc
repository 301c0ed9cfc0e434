#include "storage/contract/deliveries.h"

#include <fmt/format.h>

namespace shouwang {
namespace {

constexpr Instant kFirstInstant{std::chrono::milliseconds(-2'208'988'800'000)};  // 1900
constexpr Instant kEndOfInstants{std::chrono::milliseconds(7'258'118'400'000)};  // 2200

absl::Status Refused(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("delivery refused: {}", why));
}

absl::Status CheckText(std::string_view what, std::string_view text, size_t limit, bool required) {
  if (text.size() > limit) {
    return Refused(fmt::format("{} has {} bytes; at most {} are kept", what, text.size(), limit));
  }
  if (required && text.empty()) return Refused(fmt::format("{} is empty", what));
  return absl::OkStatus();
}

absl::Status CheckInstant(std::string_view what, Instant instant) {
  if (instant >= kFirstInstant && instant < kEndOfInstants) return absl::OkStatus();
  return Refused(
      fmt::format("{} is {} ms; 1900 to 2199 is valid", what, instant.time_since_epoch().count()));
}

// FNV-1a.
void Mix(std::string_view bytes, uint64_t* hash) {
  for (const char byte : bytes) {
    *hash = (*hash ^ static_cast<uint8_t>(byte)) * 1'099'511'628'211U;
  }
}

}  // namespace

std::string_view EventName(DeliveryEvent event) {
  switch (event) {
    case DeliveryEvent::kFired:
      return "fired";
    case DeliveryEvent::kChanged:
      return "changed";
    case DeliveryEvent::kResolved:
      return "resolved";
    case DeliveryEvent::kRefused:
      return "refused";
  }
  return "";
}

std::string_view HandlingName(Handling handling) {
  switch (handling) {
    case Handling::kOpen:
      return "open";
    case Handling::kAcknowledged:
      return "acknowledged";
    case Handling::kTownship:
      return "township";
    case Handling::kCounty:
      return "county";
    case Handling::kPrefecture:
      return "prefecture";
  }
  return "";
}

absl::Status CheckDelivery(const Delivery& delivery) {
  const WarningGroup& group = delivery.group;
  if (group.township.level() != DivisionLevel::kTownship) {
    return Refused(fmt::format("{} '{}' is no township", LevelName(group.township.level()),
                               group.township.ToString()));
  }
  if (!ParseSeverity(SeverityName(group.severity)).ok()) {
    return Refused(fmt::format("no severity {}", static_cast<int>(group.severity)));
  }
  if (!ParseRiskKind(RiskKindName(group.kind)).ok()) {
    return Refused(fmt::format("no risk kind {}", static_cast<int>(group.kind)));
  }
  if (HandlingName(group.handling).empty()) {
    return Refused(fmt::format("no handling {}", static_cast<int>(group.handling)));
  }
  if (EventName(delivery.event).empty()) {
    return Refused(fmt::format("no event {}", static_cast<int>(delivery.event)));
  }
  absl::Status status = CheckInstant("sent_at", delivery.sent_at);
  status.Update(CheckInstant("firing_since", delivery.firing_since));
  status.Update(CheckText("receiver", delivery.receiver, kMaxReceiverBytes, true));
  status.Update(CheckText("rule", group.rule, kMaxRuleNameBytes, true));
  status.Update(CheckText("households", delivery.households, kMaxHouseholdsBytes, false));
  status.Update(CheckText("answer", delivery.answer, kMaxAnswerBytes, false));
  return status;
}

DeliveryPosition PositionOf(const Delivery& delivery) {
  uint64_t hash = 14'695'981'039'346'656'037U;
  Mix(delivery.receiver, &hash);
  // Of three parts the middle one cannot run over: it is digits.
  Mix(fmt::format("\n{} {} {}\n", delivery.group.township.code(),
                  static_cast<int>(delivery.group.severity), static_cast<int>(delivery.group.kind)),
      &hash);
  Mix(delivery.group.rule, &hash);
  // Nothing where open, as before anything else was told.
  if (delivery.group.handling != Handling::kOpen) {
    Mix(fmt::format("\n{}", HandlingName(delivery.group.handling)), &hash);
  }
  return {delivery.sent_at, hash};
}

}  // namespace shouwang
