#include "daemon/alerts/told.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace shouwang::alerts {
namespace {

constexpr std::array<Handling, 5> kHandlings = {Handling::kOpen, Handling::kAcknowledged,
                                                Handling::kTownship, Handling::kCounty,
                                                Handling::kPrefecture};

// The rest of an answer may differ each time, by a date in it for instance.
std::string CodeOf(const std::string& answer) { return answer.substr(0, answer.find(' ')); }

}  // namespace

Told::Told(std::string receiver, std::chrono::milliseconds lifetime,
           std::span<const Delivery> standing)
    : receiver_(std::move(receiver)), lifetime_(lifetime) {
  for (const Delivery& delivery : standing) {
    if (delivery.receiver != receiver_) continue;
    groups_[delivery.group] = {delivery.firing_since, delivery.households, std::nullopt};
  }
}

WarningGroup Told::AsTold(const WarningGroup& group) const {
  WarningGroup told = group;
  for (const Handling handling : kHandlings) {
    told.handling = handling;
    const auto it = groups_.find(told);
    if (it != groups_.end() && !it->second.over) return told;
  }
  return group;
}

std::vector<Message> Told::Due(const Firing& firing, int min_cell, Instant now) const {
  std::vector<Message> due;
  std::map<WarningGroup, Handling> fires;  // as if open -> as it is
  const auto as_open = [](WarningGroup group) {
    group.handling = Handling::kOpen;
    return group;
  };
  for (const auto& [found, households] : firing.households) {
    const WarningGroup group = firing.waiting ? found : AsTold(found);
    fires[as_open(group)] = group.handling;
    const auto told = groups_.find(group);
    const bool stands = told != groups_.end() && !told->second.over;
    // A clock that was set back must not end an alert before its start.
    const Instant since = stands ? told->second.since : now;
    due.push_back({group, true, HouseholdsText(households, min_cell), since,
                   std::max(now, since) + lifetime_});
    if (firing.waiting) {
      due.back().waiting = HouseholdsText(firing.waiting->at(found), min_cell);
    }
  }
  for (const auto& [group, told] : groups_) {
    const auto fire = fires.find(as_open(group));
    if (fire != fires.end() && fire->second == group.handling) continue;
    std::optional<Handling> goes_on;
    if (fire != fires.end()) goes_on = fire->second;
    if (told.over || firing.whole || goes_on) {
      const Instant over = told.over.value_or(std::max(now, told.since));
      due.push_back({group, false, told.households, told.since, over, "", goes_on});
    } else {
      // Unknown is not over.
      due.push_back(
          {group, true, told.households, told.since, std::max(now, told.since) + lifetime_});
    }
  }
  std::ranges::stable_sort(due, std::greater<>(),
                           [](const Message& message) { return message.group.severity; });
  return due;
}

std::vector<Delivery> Told::News(std::span<const Message* const> taken,
                                 std::span<const Refusal> refused, Instant now) const {
  std::vector<Delivery> news;
  const auto add = [&](const Message& message, DeliveryEvent event, std::string answer) {
    news.push_back({now, receiver_, message.group, event, message.firing ? message.households : "",
                    message.starts_at, std::move(answer)});
  };
  for (const Message* message : taken) {
    const auto told = groups_.find(message->group);
    const bool stands = told != groups_.end() && !told->second.over;
    if (!message->firing) {
      if (stands) add(*message, DeliveryEvent::kResolved, "");
    } else if (!stands) {
      add(*message, DeliveryEvent::kFired, "");
    } else if (TellsMore(message->households, told->second.households)) {
      add(*message, DeliveryEvent::kChanged, "");
    }
  }
  for (const Refusal& refusal : refused) {
    const auto before = refused_.find(refusal.message->group);
    if (before != refused_.end() && before->second == CodeOf(refusal.answer)) continue;
    add(*refusal.message, DeliveryEvent::kRefused, refusal.answer);
  }
  return news;
}

void Told::Note(std::span<const Delivery> recorded) {
  for (const Delivery& delivery : recorded) {
    switch (delivery.event) {
      case DeliveryEvent::kFired:
      case DeliveryEvent::kChanged:
        groups_[delivery.group] = {delivery.firing_since, delivery.households, std::nullopt};
        refused_.erase(delivery.group);
        break;
      case DeliveryEvent::kResolved:
        groups_[delivery.group].over = std::max(delivery.sent_at, delivery.firing_since);
        refused_.erase(delivery.group);
        break;
      case DeliveryEvent::kRefused:
        refused_[delivery.group] = CodeOf(delivery.answer);
        break;
    }
  }
}

void Told::Forget(const Firing& firing, Instant now) {
  std::erase_if(groups_, [&](const auto& entry) {
    const std::optional<Instant>& over = entry.second.over;
    return over && (*over + kEndIsToldFor <= now || *over > now);
  });
  std::erase_if(refused_, [&](const auto& entry) {
    return !firing.households.contains(entry.first) && !groups_.contains(entry.first);
  });
}

}  // namespace shouwang::alerts
