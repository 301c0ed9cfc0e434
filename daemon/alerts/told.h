// What one Alertmanager has been told, and what it must be told now: each group that fires, at
// every round, so that it never expires and an Alertmanager that forgot all knows again; and each
// group that fires no more, for a while, so that one which restarts in between still tells its
// people.
//
//   std::vector<Message> due = told.Due(firing, min_cell, now);
//   ... post; taken and refused say how each went ...
//   std::vector<Delivery> news = told.News(taken, refused, now);    // what the history lacks
//   if (deliveries.Record(news).ok()) told.Note(news);
//
// What could not be recorded is not noted, and so is news again in the next round.
//
// One thread. Bounded by kMaxGroups that fire and as many that are over.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/alerts/firing.h"
#include "daemon/alerts/message.h"
#include "storage/contract/deliveries.h"

namespace shouwang::alerts {

// How long an end is told again and again.
inline constexpr std::chrono::minutes kEndIsToldFor{15};

struct Refusal {
  const Message* message = nullptr;
  std::string answer;  // at most kMaxAnswerBytes
};

class Told {
 public:
  // `standing`: what the history says stands at `receiver`, others left out. `lifetime`: how long
  // an alert stands that is not told again.
  Told(std::string receiver, std::chrono::milliseconds lifetime,
       std::span<const Delivery> standing);

  // The most severe first.
  std::vector<Message> Due(const Firing& firing, int min_cell, Instant now) const;
  // Of messages that Due gave: those whose telling is to be recorded.
  std::vector<Delivery> News(std::span<const Message* const> taken,
                             std::span<const Refusal> refused, Instant now) const;
  void Note(std::span<const Delivery> recorded);
  // Forgets ends that have been told for long enough, and refusals of what no longer fires.
  void Forget(const Firing& firing, Instant now);

  size_t size() const { return groups_.size(); }

 private:
  // The group under the handling that it was told under last, where it stands so.
  WarningGroup AsTold(const WarningGroup& group) const;

  struct Group {
    Instant since{};
    std::string households;
    std::optional<Instant> over;
  };

  const std::string receiver_;
  const std::chrono::milliseconds lifetime_;
  std::map<WarningGroup, Group> groups_;
  std::map<WarningGroup, std::string> refused_;  // with the code answered
};

}  // namespace shouwang::alerts
