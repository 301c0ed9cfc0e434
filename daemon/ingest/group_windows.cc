#include "daemon/ingest/group_windows.h"

#include <algorithm>

namespace shouwang::ingest {
namespace {

// Then all are tried anew.
constexpr size_t kMostScattered = 1 << 16;

}  // namespace

void GroupWindows::ReadFor(const risk::PolicySet& policies) {
  if (policies.fingerprint() == read_for_) return;
  Clear();
  read_for_ = policies.fingerprint();
  indicators_ = policies.IndicatorsRead();
  kept_.assign(indicators_.empty() ? 0 : size_t{indicators_.back()} + 1, 0);
  for (const IndicatorId indicator : indicators_) kept_[indicator] = 1;
}

absl::StatusOr<GroupWindow*> GroupWindows::Open(const SubjectGroup& group,
                                                std::span<const Member> members,
                                                const Store& store) {
  if (IsScattered(group)) return nullptr;
  Date from = Date::Max();
  for (const Member& member : members) from = std::min(from, member.from);
  GroupWindow* window = recent_.Find(group, from);
  if (window == nullptr || !HasAll(*window, members)) {
    loading_.Reset(group);
    const bool any_stored = from != Date::Max();
    if (any_stored) {
      const absl::StatusOr<bool> fits =
          store.FillWindow(group, {from, Date::Max()}, indicators_, &loading_);
      if (!fits.ok()) return fits.status();
      if (!*fits) {
        Scatter(group);
        return nullptr;
      }
    }
    window = recent_.Keep(&loading_, any_stored ? from : Date::Min());
  }
  window->ReserveLanes(members.size());
  for (const Member& member : members) {
    if (!window->LaneOf(member.low)) window->AddLane(member.low);
  }
  if (window->IsDense()) return window;
  Scatter(group);
  return nullptr;
}

// One of which nothing is stored gets a lane when it is needed.
bool GroupWindows::HasAll(const GroupWindow& window, std::span<const Member> members) {
  return std::ranges::all_of(members, [&](const Member& member) {
    return member.from == Date::Max() || window.LaneOf(member.low).has_value();
  });
}

void GroupWindows::Scatter(const SubjectGroup& group) {
  if (scattered_.size() == kMostScattered) scattered_.clear();
  scattered_.insert(group);
  recent_.Forget(group);
}

void GroupWindows::Leave(const Subject& subject) {
  // However far back it reaches.
  GroupWindow* window = recent_.Find(SubjectGroup::Of(subject), Date::Max());
  if (window != nullptr) {
    window->DropLane(static_cast<uint8_t>(subject.number % kSubjectsPerGroup));
  }
}

void GroupWindows::Clear() {
  recent_.Clear();
  scattered_.clear();
}

}  // namespace shouwang::ingest
