#include "daemon/reporting/reporter_watch.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace shouwang::reporting {
namespace {

constexpr std::array<DivisionLevel, 4> kLevels = {DivisionLevel::kProvince,
                                                  DivisionLevel::kPrefecture,
                                                  DivisionLevel::kCounty, DivisionLevel::kTownship};
constexpr std::array<Source, 3> kSources = {Source::kSelfDeclaration, Source::kCadreVisit,
                                            Source::kDepartmentScreening};

ReporterStanding StandingOf(const Reporter& reporter, const LastHeard& heard,
                            const risk::ReportingPolicy& policy, Date on) {
  ReporterStanding standing{reporter, heard, ReporterState::kReporting, std::nullopt};
  const risk::SourceExpectation* expected = policy.Find(reporter.source);
  if (expected == nullptr) {
    standing.state = ReporterState::kNotExpected;
    return standing;
  }
  const Date last = DateOf(heard.known_at);
  if (last <= expected->expectation.GivenUpBy(on)) {
    standing.state = ReporterState::kGivenUp;
  } else if (last <= expected->expectation.HeardBy(on)) {
    standing.state = ReporterState::kSilent;
    standing.due_on = expected->expectation.DueOn(expected->expectation.LastMissable(on));
  }
  return standing;
}

bool ShouldHave(const Division& township, Source source, const risk::ReportingPolicy& policy) {
  const risk::SourceExpectation* expected = policy.Find(source);
  return expected != nullptr &&
         std::ranges::any_of(expected->expected_from,
                             [&](const Division& division) { return division.Contains(township); });
}

using Standings = std::vector<ReporterStanding>;

// Of the townships of one county, or of one township. DataLoss: those whose records can be read.
absl::Status HearIn(const Reporters& reporters, const risk::ReportingPolicy& policy,
                    const Division& part, Date on, std::map<Division, Standings>* heard) {
  return reporters.ScanReporters(
      part, Reporter{part, Source::kSelfDeclaration, ""},
      [&](const Reporter& reporter, const LastHeard& last) {
        (*heard)[reporter.township].push_back(StandingOf(reporter, last, policy, on));
        return true;
      });
}

// Adds those that the township should have and has not, in order.
void AddNeverHeard(const Division& township, const risk::ReportingPolicy& policy, Date on,
                   Standings* standings) {
  for (const Source source : kSources) {
    const bool has = std::ranges::any_of(*standings, [&](const ReporterStanding& standing) {
      return standing.reporter.source == source && standing.state != ReporterState::kGivenUp;
    });
    if (has || !ShouldHave(township, source, policy)) continue;
    const risk::Expectation& expected = policy.Find(source)->expectation;
    standings->push_back({{township, source, ""},
                          std::nullopt,
                          ReporterState::kNeverHeard,
                          expected.DueOn(expected.LastMissable(on))});
  }
  std::ranges::stable_sort(*standings, {}, &ReporterStanding::reporter);
}

}  // namespace

absl::Status WatchReporters(const Reporters& reporters, const DivisionTree& divisions,
                            const risk::ReportingPolicy& policy, const Division& region,
                            const Division& from, Date on,
                            absl::FunctionRef<bool(const ReporterStanding&)> visit) {
  std::vector<Division> parts = {region};
  if (region.level() < DivisionLevel::kCounty) {
    parts = divisions.Within(region, DivisionLevel::kCounty);
  }
  absl::Status damage;
  for (const Division& part : parts) {
    if (part.EndVillageCode() <= from.FirstVillageCode()) continue;
    std::map<Division, Standings> heard;
    absl::Status status = HearIn(reporters, policy, part, on, &heard);
    if (!status.ok() && !absl::IsDataLoss(status)) return status;
    damage.Update(status);
    for (const Division& township : divisions.Within(part, DivisionLevel::kTownship)) {
      if (township < from) continue;
      Standings& standings = heard[township];
      AddNeverHeard(township, policy, on, &standings);
      for (const ReporterStanding& standing : standings) {
        if (!visit(standing)) return damage;
      }
    }
  }
  return damage;
}

absl::Status CountSilentReporters(const Reporters& reporters, const DivisionTree& divisions,
                                  const risk::ReportingPolicy& policy, DivisionLevel deepest,
                                  Date on, SilentReporters* silent) {
  return WatchReporters(
      reporters, divisions, policy, Division(), Division(), on,
      [&](const ReporterStanding& standing) {
        if (policy.Find(standing.reporter.source) == nullptr) return true;
        for (const DivisionLevel level : kLevels) {
          if (level > deepest) break;
          (*silent)[{standing.reporter.township.At(level), standing.reporter.source}] +=
              standing.IsSilent() ? 1 : 0;
        }
        return true;
      });
}

}  // namespace shouwang::reporting
