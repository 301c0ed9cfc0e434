#include "daemon/ingest/punctuality.h"

namespace shouwang::ingest {
namespace {

std::optional<Month> MonthOf(std::optional<Date> date) {
  return date ? std::optional<Month>(date->month()) : std::nullopt;
}

}  // namespace

void Punctuality::FlushHeard() {
  if (heard_ == 0) return;
  counts_->AddDelays(heard_at_, heard_of_, DelayDays(heard_of_, known_on_), heard_);
  heard_ = 0;
}

void Punctuality::Flush(Move* move) {
  if (move->count == 0) return;
  if (move->from) counts_->AddReporting(move->home, move->which, *move->from, -move->count);
  if (move->to) counts_->AddReporting(move->home, move->which, *move->to, move->count);
  move->count = 0;
}

void Punctuality::Add(Counts::PlaceIndex home, std::optional<Date> before,
                      std::optional<Date> after, Move* move) {
  if (before == after) return;
  const std::optional<Month> from = MonthOf(before);
  const std::optional<Month> to = MonthOf(after);
  if (from == to) return;
  if (move->home != home || move->from != from || move->to != to) Flush(move);
  move->home = home;
  move->from = from;
  move->to = to;
  ++move->count;
}

void Punctuality::Finish() {
  FlushHeard();
  Flush(&begins_);
  Flush(&ends_);
}

}  // namespace shouwang::ingest
