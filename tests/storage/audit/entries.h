// Records and chains to test with.
#pragma once

#include <string>
#include <string_view>

#include "storage/audit/audit_chain.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {

inline AuditChain Admin() { return {AuditChainKind::kAdmin, {}}; }
inline AuditChain Reads() { return {AuditChainKind::kReads, {}}; }
inline AuditChain WarningsOf(std::string_view township) {
  return {AuditChainKind::kWarnings, Div(township)};
}
inline AuditChain CasesOf(std::string_view township) {
  return {AuditChainKind::kCases, Div(township)};
}

inline AuditRecord RecordOf(AuditKind kind, int64_t at_ms, std::string_view actor = "") {
  AuditRecord record;
  record.kind = kind;
  record.at = At(at_ms);
  record.actor = actor;
  return record;
}

// A commit of two batches with two corrections, an outdated value and three transitions.
inline AuditRecord FullCommit(int64_t at_ms) {
  AuditRecord record = RecordOf(AuditKind::kCommit, at_ms);
  record.batches = {70'001, 70'003};
  record.corrections = {
      {Named("520502001001/17"), 3, On("2026-01-31"), 120'000, true, 99'000, 70'001},
      {Named("520502001001/18"), 3, On("2026-01-31"), -5, true, 0, 70'003},
      {Named("520502001/S3"), 900, On("2025-12-31"), 899'999'999'999, false, {}, 70'003}};
  using Kind = AuditTransition::Kind;
  record.transitions = {
      {Named("520502001001/17"), 101, Kind::kOpened, Severity::kRed, 202601, On("2026-01-31"), {}},
      {Named("520502001001/17"), 102, Kind::kCleared, Severity::kYellow, 202501, On("2025-06-30"),
       On("2026-01-31")},
      {Named("520502001002/4"),
       65'535,
       Kind::kChanged,
       Severity::kOrange,
       202601,
       On("2025-11-30"),
       {}}};
  return record;
}

inline AuditRecord FullRead(int64_t at_ms) {
  AuditRecord record = RecordOf(AuditKind::kRead, at_ms, "county-3");
  record.region = Div("520502");
  record.subject = Named("520502001001/17");
  record.facts = {{"call", "SeriesService/GetHistory"}, {"peer", "ipv4:10.0.0.1:5000"}, {"空", ""}};
  return record;
}

}  // namespace shouwang
