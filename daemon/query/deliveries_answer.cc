#include "daemon/query/deliveries_answer.h"

#include <optional>
#include <string>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

v1::DeliveryEvent ToProto(DeliveryEvent event) {
  switch (event) {
    case DeliveryEvent::kFired:
      return v1::DELIVERY_EVENT_FIRED;
    case DeliveryEvent::kChanged:
      return v1::DELIVERY_EVENT_CHANGED;
    case DeliveryEvent::kResolved:
      return v1::DELIVERY_EVENT_RESOLVED;
    case DeliveryEvent::kRefused:
      return v1::DELIVERY_EVENT_REFUSED;
  }
  return v1::DELIVERY_EVENT_UNSPECIFIED;
}

void FillDelivery(const Delivery& delivery, const Rulebook& rulebook, v1::Delivery* out) {
  const WarningGroup& group = delivery.group;
  out->set_sent_at_ms(wire::ToMs(delivery.sent_at));
  out->set_alertmanager(delivery.receiver);
  out->set_event(ToProto(delivery.event));
  out->set_division(group.township.ToString());
  out->set_division_path(rulebook.reg.divisions.PathOf(group.township));
  out->set_rule(group.rule);
  out->set_severity(wire::ToProto(group.severity));
  out->set_risk_kind(std::string(RiskKindName(group.kind)));
  out->set_households(delivery.households);
  out->set_handling(std::string(HandlingName(group.handling)));
  out->set_firing_since_ms(wire::ToMs(delivery.firing_since));
  out->set_answer(delivery.answer);
  if (const risk::Rule* rule = FindRule(rulebook.policies, group.rule)) {
    out->set_rule_title_zh(rule->title_zh);
    out->set_rule_title_en(rule->title_en);
  }
}

}  // namespace

absl::Status AnswerDeliveries(const Deliveries& deliveries, const Rulebook& rulebook,
                              const v1::ListDeliveriesRequest& request,
                              v1::ListDeliveriesResponse* response) {
  FieldCheck check("ListDeliveries");
  const Division region = check.Region("region", request.region(), rulebook.reg.divisions);
  const size_t page_size =
      check.PageSize(request.page_size(), kDefaultDeliveriesPage, kMaxDeliveriesPage);
  const absl::StatusOr<Instant> first = wire::InstantFromMs(request.from_ms());
  if (!first.ok()) check.Fault("from_ms", std::string(first.status().message()));
  const uint64_t listing = Fingerprint("ListDeliveries " + region.ToString() + " from " +
                                       std::to_string(request.from_ms()));
  DeliveryPosition from = check.PageStart(request.page_token(), listing, DecodeDeliveryPosition);
  if (request.page_token().empty()) from.sent_at = first.value_or(Instant());
  if (!check.ok()) return check.ToStatus();

  size_t looked_at = 0;
  return deliveries.ScanDeliveries(
      from, [&](const DeliveryPosition& position, const Delivery& delivery) {
        const bool listed = region.Contains(delivery.group.township);
        const bool full = listed && static_cast<size_t>(response->deliveries_size()) == page_size;
        if (full || looked_at++ == kMaxDeliveriesLookedAt) {
          response->set_next_page_token(EncodePageToken(listing, EncodeDeliveryPosition(position)));
          return false;
        }
        if (listed) FillDelivery(delivery, rulebook, response->add_deliveries());
        return true;
      });
}

}  // namespace shouwang::query
