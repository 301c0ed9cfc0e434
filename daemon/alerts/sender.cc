#include "daemon/alerts/sender.h"

#include <fmt/format.h>

#include <utility>

namespace shouwang::alerts {

Sender::Sender(SenderParts parts, std::string alertmanager, std::unique_ptr<Http> http,
               std::span<const Delivery> standing)
    : parts_(std::move(parts)),
      alertmanager_(std::move(alertmanager)),
      http_(std::move(http)),
      told_(alertmanager_, parts_.lifetime, standing) {}

void Sender::Tell(std::string_view what, const absl::Status& status, bool* troubled) const {
  if (status.ok() == !*troubled) return;
  *troubled = !status.ok();
  parts_.notice(
      status.ok() ? fmt::format("{}: {}: over", alertmanager_, what)
                  : fmt::format("{}: {}: {}", alertmanager_, what, std::string(status.message())));
}

Firing Sender::Read(const Rulebook& rulebook, Instant now) {
  absl::Status fault;
  const std::shared_ptr<const cases::TakenOnCount> taken_on =
      parts_.taken_on == nullptr ? nullptr : parts_.taken_on->Get();
  Firing firing = ReadFiring(*parts_.store, rulebook, taken_on.get(), DateOf(now), &fault);
  Tell("not all open warnings can be read, so no alert is ended", fault, &unreadable_);
  Tell("alerts are left out",
       firing.left_out == 0 ? absl::OkStatus()
                            : absl::ResourceExhaustedError(fmt::format(
                                  "{} past the limit of {}", firing.left_out, kMaxGroups)),
       &left_out_);
  parts_.metrics->Firing(firing.households.size(), firing.left_out);
  return firing;
}

bool Sender::Round() {
  const Instant now = parts_.now();
  const std::shared_ptr<const Rulebook> rulebook = parts_.rulebook->Get();
  const Firing firing = Read(*rulebook, now);
  const std::vector<Message> due = told_.Due(firing, parts_.min_cell, now);
  const Posted posted =
      PostAll(http_.get(), alertmanager_, due, Wording{*rulebook, parts_.link, DateOf(now)});
  const size_t answered = posted.taken.size() + posted.refused.size();
  parts_.metrics->Sent(alertmanager_, posted.taken.size(), posted.refused.size(),
                       due.size() - answered);
  Tell("alerts are not delivered", posted.status, &unreachable_);
  Record(posted, now);
  told_.Forget(firing, now);
  if (!posted.status.ok()) return false;
  if (posted.refused.empty()) parts_.metrics->Succeeded(alertmanager_, now);
  return true;
}

void Sender::Record(const Posted& posted, Instant now) {
  const std::vector<Delivery> news = told_.News(posted.taken, posted.refused, now);
  for (const Delivery& delivery : news) {
    if (delivery.event != DeliveryEvent::kRefused) continue;
    parts_.notice(fmt::format("{}: refuses the alert about {} in {}: {}", alertmanager_,
                              delivery.group.rule, delivery.group.township.ToString(),
                              delivery.answer));
    break;  // the history has the others
  }
  const absl::Status recorded = parts_.deliveries->Record(news);
  Tell("deliveries are not recorded and will be told again", recorded, &unrecorded_);
  if (recorded.ok()) {
    told_.Note(news);
  } else {
    parts_.metrics->NotRecorded(alertmanager_);
  }
}

}  // namespace shouwang::alerts
