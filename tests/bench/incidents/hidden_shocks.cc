#include "tests/bench/incidents/hidden_shocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "collectors/simulator/household.h"
#include "daemon/incidents/survey.h"
#include "daemon/risk/evaluator.h"

namespace shouwang::bench {
namespace {

using simulator::Household;
using simulator::Shock;
using simulator::ShockKind;

constexpr int kMonthsToFind = 6;
constexpr int kMonthsOfConsequence = 12;
constexpr int kVisitDay = 14;  // after the first

// Judges one household after another and adds it to the table.
class Judge {
 public:
  Judge(const QuietProvince& province, const Catalogue& catalogue, const risk::PolicySet& policies)
      : province_(province),
        policy_(*policies.All().back().incidents),
        evaluator_(policies, catalogue),
        builder_({.first = province.last - (incidents::MonthsToRead(policy_) - 1),
                  .months = incidents::MonthsToRead(policy_),
                  .settle_months = policy_.settle_months,
                  .kinds = incidents::KindsOfHouseholds(policies)}) {
    for (const simulator::Column& column : simulator::kHouseholdColumns) {
      const Indicator* indicator = catalogue.Find(column.indicator);
      int64_t unit = 100;
      for (int i = 0; i < indicator->decimals; ++i) unit /= 10;
      columns_.emplace_back(indicator->id, unit);
    }
  }

  void Take(const Division& village, uint32_t number, bool relocated) {
    const Month first = province_.last - (province_.months - 1);
    Household household(province_.seed, village.code(), number, relocated, first, province_.months);
    history_.Reset(Subject::Household(village, number).value());
    const Subject site = relocated ? Subject::Site(village.Parent(), 1).value() : Subject();
    for (int i = 0; i < province_.months; ++i) {
      const Month month = first + i;
      Strike(province_.shocks, month, &household);
      Strike(province_.seasons, month, &household);
      household.Step(month, simulator::WeatherOf(province_.seed, village.code(), month));
      const auto reported = household.Reported();
      if (!reported) continue;
      Put(Date::FirstOf(month) + kVisitDay, *reported);
      ++reported_[{village.Parent(), month}];
      if (relocated) ++at_site_[{site, month}];
    }
    // The builder's bound is far above what a bench simulates.
    builder_.Add(history_.subject(), evaluator_.Replay(history_), site).IgnoreError();
  }

  incidents::Findings Find() && {
    for (const auto& [place, count] : reported_) {
      builder_.AddReported(place.first, place.second, count);
    }
    for (const auto& [place, count] : at_site_) {
      builder_.AddReportedAtSite(place.first, place.second, count);
    }
    return incidents::FindIncidents(std::move(builder_).Close(), policy_, {});
  }

 private:
  void Strike(const std::vector<Shock>& shocks, Month month, Household* household) const {
    for (const Shock& shock : shocks) {
      if (shock.month == month && shock.Strikes(province_.seed, household->village(),
                                                household->number(), household->relocated())) {
        household->Strike(shock.kind);
      }
    }
  }
  void Put(Date date, const simulator::HouseholdReading& reading) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (reading[i] == simulator::kMissing) continue;
      history_.Put(columns_[i].first, date, reading[i] / columns_[i].second, Arrival{});
    }
  }

  const QuietProvince& province_;
  const risk::IncidentPolicy& policy_;
  risk::Evaluator evaluator_;
  incidents::OnsetTableBuilder builder_;
  std::vector<std::pair<IndicatorId, int64_t>> columns_;  // id, hundredths in its unit
  History history_;
  std::map<std::pair<Division, Month>, int64_t> reported_;
  std::map<std::pair<Subject, Month>, int64_t> at_site_;
};

bool Overlap(const Division& a, const Division& b) { return a.Contains(b) || b.Contains(a); }

bool Within(Month month, Month from, int months) { return month >= from && month <= from + months; }

std::string Name(const Shock& shock) {
  constexpr const char* kNames[] = {"flood", "layoff", "price_fall"};
  return fmt::format("{}:{}{}:{}:{}", kNames[static_cast<size_t>(shock.kind)],
                     shock.division.ToString(), shock.site ? "/S1" : "", shock.month.ToString(),
                     shock.share);
}

bool HasSite(int township) { return township % 2 == 1; }

}  // namespace

Division QuietProvince::Township(int county, int township) const {
  return Division::Parse(fmt::format("5205{:02}{:03}", county + 1, township + 1)).value();
}

Division QuietProvince::Village(int county, int township, int village) const {
  return Division::Parse(fmt::format("5205{:02}{:03}{:03}", county + 1, township + 1, village + 1))
      .value();
}

Searched Search(const QuietProvince& province, const Catalogue& catalogue,
                const risk::PolicySet& policies) {
  Judge judge(province, catalogue, policies);
  Searched searched;
  for (int c = 0; c < province.counties; ++c) {
    for (int t = 0; t < province.townships; ++t) {
      for (int v = 0; v < province.villages; ++v) {
        const Division village = province.Village(c, t, v);
        for (int number = 1; number <= province.households; ++number) {
          judge.Take(village, static_cast<uint32_t>(number), HasSite(t) && v == 0);
        }
        for (int i = 0; i < province.months; ++i) {
          const Month month = province.last - i;
          const auto weather = simulator::WeatherOf(province.seed, village.code(), month);
          if (weather.disaster_loss > 0) searched.weather.emplace_back(village, month);
        }
      }
    }
  }
  searched.findings = std::move(judge).Find();
  return searched;
}

Score ScoreOf(const QuietProvince& province, const Searched& searched) {
  Score score;
  score.shocks = static_cast<int>(province.shocks.size());
  const std::vector<Incident>& incidents = searched.findings.incidents;
  for (const Shock& shock : province.shocks) {
    int late = kMonthsToFind + 1;
    for (const Incident& incident : incidents) {
      if (!Overlap(incident.id.place.division, shock.division)) continue;
      if (!Within(incident.id.first, shock.month, kMonthsToFind)) continue;
      late = std::min(late, incident.id.first.index() - shock.month.index());
    }
    if (late > kMonthsToFind) {
      score.missed.push_back(Name(shock));
    } else {
      ++score.found;
      score.months_late += late;
    }
  }
  for (const Incident& incident : incidents) {
    ++score.incidents;
    const Division& place = incident.id.place.division;
    const bool struck = std::ranges::any_of(province.shocks, [&](const Shock& shock) {
      return Overlap(place, shock.division) &&
             Within(incident.id.first, shock.month, kMonthsOfConsequence);
    });
    // In what is larger than a township some village is always being struck: two at once explain
    // it.
    const bool large = place.level() < DivisionLevel::kTownship;
    const auto villages = std::ranges::count_if(searched.weather, [&](const auto& struck_village) {
      return Overlap(place, struck_village.first) &&
             Within(incident.id.first, struck_village.second, large ? 1 : kMonthsOfConsequence);
    });
    if (struck || villages >= (large ? 2 : 1)) {
      ++score.at_shocks;
    } else {
      ++score.false_incidents;
      score.wrong.push_back(incident.id.ToString());
    }
  }
  return score;
}

void Add(const Score& score, Score* total) {
  total->shocks += score.shocks;
  total->found += score.found;
  total->months_late += score.months_late;
  total->incidents += score.incidents;
  total->at_shocks += score.at_shocks;
  total->false_incidents += score.false_incidents;
  total->missed.insert(total->missed.end(), score.missed.begin(), score.missed.end());
  total->wrong.insert(total->wrong.end(), score.wrong.begin(), score.wrong.end());
}

std::vector<Shock> HiddenShocks(const QuietProvince& province) {
  simulator::Random random(simulator::Mix({province.seed, 0x51DE}));
  const auto shock = [&](ShockKind kind, bool whole_township, double share) {
    const int county = random.Between(0, province.counties - 1);
    const int township = random.Between(0, province.townships - 1);
    // Not the community of a site.
    const int village = random.Between(1, province.villages - 1);
    Shock made;
    made.kind = kind;
    made.division = whole_township ? province.Township(county, township)
                                   : province.Village(county, township, village);
    made.month = province.last - random.Between(4, 20);
    made.share = share;
    return made;
  };
  std::vector<Shock> shocks = {
      shock(ShockKind::kFlood, false, 0.7),  shock(ShockKind::kFlood, false, 0.25),
      shock(ShockKind::kFlood, true, 0.4),   shock(ShockKind::kLayoff, true, 0.3),
      shock(ShockKind::kPriceFall, true, 1),
  };
  Shock at_site = shock(ShockKind::kLayoff, true, 0.6);
  at_site.division = province.Township(random.Between(0, province.counties - 1), 1);
  at_site.site = true;
  shocks.push_back(at_site);
  return shocks;
}

std::vector<Shock> SharedSeasons(const QuietProvince& province) {
  std::vector<Shock> seasons;
  for (int i = 0; i < province.months; ++i) {
    const Month month = province.last - i;
    if (month.month_of_year() != 2) continue;
    Shock season;
    season.kind = ShockKind::kFlood;
    season.division = Division::Parse("5205").value();
    season.month = month;
    season.share = 0.04;
    seasons.push_back(season);
  }
  return seasons;
}

}  // namespace shouwang::bench
