#include <fmt/format.h>
#include <shouwang/v1/alerts.grpc.pb.h>

#include <algorithm>
#include <chrono>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 10'000;
constexpr std::chrono::days kShown{7};

// "2026-03-01" is the beginning of that day in China.
Instant ParseSince(const std::string& text) {
  if (text.empty()) {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() - kShown);
  }
  const auto date = Date::Parse(text);
  if (date.ok()) return EndOf(*date - 1) + std::chrono::milliseconds(1);
  const auto instant = ParseInstant(text);
  if (instant.ok()) return *instant;
  throw Failure{
      fmt::format("--since '{}': write a day, 2026-03-01 (its beginning in China), or an instant, "
                  "2026-03-01T08:30:00Z, between 1900 and 2199",
                  text.substr(0, 40))};
}

std::string Word(v1::DeliveryEvent event) {
  switch (event) {
    case v1::DELIVERY_EVENT_FIRED:
      return "fired";
    case v1::DELIVERY_EVENT_CHANGED:
      return "changed";
    case v1::DELIVERY_EVENT_RESOLVED:
      return "resolved";
    case v1::DELIVERY_EVENT_REFUSED:
      return "refused";
    default:
      return "";
  }
}

std::string Shown(v1::DeliveryEvent event, Language language) {
  if (language == Language::kEnglish) return Word(event);
  switch (event) {
    case v1::DELIVERY_EVENT_FIRED:
      return "触发";
    case v1::DELIVERY_EVENT_CHANGED:
      return "变化";
    case v1::DELIVERY_EVENT_RESOLVED:
      return "解除";
    case v1::DELIVERY_EVENT_REFUSED:
      return "被拒";
    default:
      return "";
  }
}

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json JsonOf(const v1::Delivery& delivery) {
  return {{"sent_at", InstantText(delivery.sent_at_ms())},
          {"alertmanager", delivery.alertmanager()},
          {"event", Word(delivery.event())},
          {"division", delivery.division()},
          {"division_path", delivery.division_path()},
          {"rule", delivery.rule()},
          {"rule_title_zh", OrNull(delivery.rule_title_zh())},
          {"rule_title_en", OrNull(delivery.rule_title_en())},
          {"severity", ctl::Word(delivery.severity())},
          {"risk_kind", delivery.risk_kind()},
          {"handling", OrNull(delivery.handling())},
          {"households", OrNull(delivery.households())},
          {"firing_since", InstantText(delivery.firing_since_ms())},
          {"answer", OrNull(delivery.answer())}};
}

std::vector<std::string> CellsOf(const Session& session, const v1::Delivery& delivery) {
  const std::string& title = session.Title(delivery.rule_title_zh(), delivery.rule_title_en());
  return {InstantText(delivery.sent_at_ms()),
          Shown(delivery.event(), session.language()),
          ctl::Shown(delivery.severity(), session.language()),
          delivery.households(),
          title.empty() ? delivery.rule() : title,
          delivery.division(),
          delivery.division_path(),
          delivery.alertmanager(),
          delivery.answer()};
}

}  // namespace

void Alerts(const Session& session, const AlertsArguments& arguments) {
  const auto stub = v1::AlertService::NewStub(session.channel());
  v1::ListDeliveriesRequest request;
  request.set_region(arguments.region);
  request.set_from_ms(ParseSince(arguments.since).time_since_epoch().count());
  Listing listing(session, {{session.Title("发送时间", "SENT")},
                            {session.Title("事件", "EVENT")},
                            {session.Title("等级", "SEVERITY")},
                            {session.Title("户数", "HOUSEHOLDS"), Table::Align::kRight},
                            {session.Title("名称", "TITLE")},
                            {session.Title("区划", "DIVISION")},
                            {session.Title("所在地", "WHERE")},
                            {session.Title("接收方", "TO")},
                            {session.Title("应答", "ANSWER")}});
  do {
    const auto left = arguments.limit - static_cast<uint32_t>(listing.size());
    request.set_page_size(arguments.all ? kPage : std::min(kPage, left));
    v1::ListDeliveriesResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->ListDeliveries(context, request, &response);
    });
    for (const v1::Delivery& delivery : response.deliveries()) {
      if (!arguments.all && listing.size() >= arguments.limit) break;
      listing.Add(JsonOf(delivery), CellsOf(session, delivery));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (arguments.all || listing.size() < arguments.limit));
  listing.Close("nothing was told about it since then");
  if (!request.page_token().empty()) session.TellOfMore(listing.size());
}

}  // namespace shouwang::ctl
