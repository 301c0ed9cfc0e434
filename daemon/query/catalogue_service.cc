#include "daemon/query/catalogue_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

constexpr size_t kDefaultPage = 1'000;
constexpr size_t kMaxPage = 10'000;

// The level to list: the one asked for, or the one below `region`. nullopt: there is none below.
std::optional<DivisionLevel> LevelToList(const v1::ListDivisionsRequest& request,
                                         const Division& region, FieldCheck* check) {
  switch (request.level()) {
    case v1::DIVISION_LEVEL_UNSPECIFIED:
      break;
    case v1::DIVISION_LEVEL_PROVINCE:
    case v1::DIVISION_LEVEL_PREFECTURE:
    case v1::DIVISION_LEVEL_COUNTY:
    case v1::DIVISION_LEVEL_TOWNSHIP:
    case v1::DIVISION_LEVEL_VILLAGE: {
      const auto level = static_cast<DivisionLevel>(request.level());
      if (level >= region.level()) return level;
      check->Fault("level", fmt::format("{} stands above region {}, a {}", LevelName(level),
                                        region.ToString(), LevelName(region.level())));
      return std::nullopt;
    }
    default:
      check->Fault("level", fmt::format("{} is no division level (2, 4, 6, 9 or 12 digits)",
                                        static_cast<int>(request.level())));
      return std::nullopt;
  }
  return LevelBelow(region.level());
}

}  // namespace

grpc::ServerUnaryReactor* CatalogueService::ListIndicators(grpc::CallbackServerContext* context,
                                                           const v1::ListIndicatorsRequest*,
                                                           v1::ListIndicatorsResponse* response) {
  return runner_->Run(context, Method::kListIndicators, [this, response] {
    const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
    for (const Indicator& indicator : rulebook->reg.catalogue.All()) {
      *response->add_indicators() = wire::ToProto(indicator);
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* CatalogueService::ListDivisions(grpc::CallbackServerContext* context,
                                                          const v1::ListDivisionsRequest* request,
                                                          v1::ListDivisionsResponse* response) {
  return runner_->Run(context, Method::kListDivisions,
                      [this, request, response] { return FillDivisions(*request, response); });
}

grpc::ServerUnaryReactor* CatalogueService::ListSites(grpc::CallbackServerContext* context,
                                                      const v1::ListSitesRequest* request,
                                                      v1::ListSitesResponse* response) {
  return runner_->Run(context, Method::kListSites,
                      [this, request, response] { return FillSites(*request, response); });
}

absl::Status CatalogueService::FillDivisions(const v1::ListDivisionsRequest& request,
                                             v1::ListDivisionsResponse* response) const {
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  const DivisionTree& tree = rulebook->reg.divisions;
  FieldCheck check("ListDivisions");
  const Division region = check.Region("region", request.region(), tree);
  const std::optional<DivisionLevel> level = LevelToList(request, region, &check);
  const size_t page_size = check.PageSize(request.page_size(), kDefaultPage, kMaxPage);
  const uint64_t listing = Fingerprint(
      fmt::format("ListDivisions {} {}", request.region(), static_cast<int>(request.level())));
  const Division from = check.PageStart(request.page_token(), listing, [](std::string_view code) {
    const absl::StatusOr<Division> division = Division::Parse(code);
    return division.ok() ? std::optional(*division) : std::nullopt;
  });
  if (!check.ok()) return check.ToStatus();
  if (!level) return absl::OkStatus();

  const std::vector<Division> all = tree.Within(region, *level);
  auto next = std::lower_bound(all.begin(), all.end(), from);
  for (; next != all.end(); ++next) {
    if (static_cast<size_t>(response->divisions_size()) == page_size) {
      response->set_next_page_token(EncodePageToken(listing, next->ToString()));
      break;
    }
    v1::Division* division = response->add_divisions();
    division->set_code(next->ToString());
    division->set_name(*tree.NameOf(*next));
    division->set_level(static_cast<v1::DivisionLevel>(*level));
  }
  return CountHouseholds(region, *level, response);
}

absl::Status CatalogueService::CountHouseholds(const Division& region, DivisionLevel level,
                                               v1::ListDivisionsResponse* response) const {
  if (level == DivisionLevel::kVillage) {
    for (v1::Division& village : *response->mutable_divisions()) {
      uint64_t households = 0;
      absl::Status scanned =
          store_->ScanStates(*Division::Parse(village.code()),
                             [&households](const Subject& subject, const SubjectState&) {
                               if (subject.kind == SubjectKind::kHousehold) ++households;
                               return true;
                             });
      if (!scanned.ok()) return scanned;
      village.set_households(households);
    }
    return absl::OkStatus();
  }
  const auto tallies = store_->ReadTallies(RollupView::kSettlement, region);
  if (!tallies.ok()) return tallies.status();
  std::map<std::string, int64_t> households;
  for (const Tally& tally : *tallies) {
    households[tally.place.township.At(level).ToString()] += tally.households;
  }
  for (v1::Division& division : *response->mutable_divisions()) {
    division.set_households(static_cast<uint64_t>(households[division.code()]));
  }
  return absl::OkStatus();
}

absl::Status CatalogueService::FillSites(const v1::ListSitesRequest& request,
                                         v1::ListSitesResponse* response) const {
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  FieldCheck check("ListSites");
  const Division region = check.Region("region", request.region(), rulebook->reg.divisions);
  if (!check.ok()) return check.ToStatus();

  // Tallies are kept by township; what lies outside a village is cut below, by the site's place.
  const auto tallies = store_->ReadTallies(RollupView::kSite, region.At(DivisionLevel::kTownship));
  if (!tallies.ok()) return tallies.status();
  std::map<Subject, int64_t> households;
  for (const Tally& tally : *tallies) households[tally.place.site] += tally.households;

  for (const auto& [subject, site] : rulebook->reg.sites.All()) {
    if (subject.place < region.FirstVillageCode() || subject.place >= region.EndVillageCode()) {
      continue;
    }
    if (static_cast<size_t>(response->sites_size()) == kMaxSites) {
      return absl::OutOfRangeError(fmt::format(
          "ListSites: region '{}' has more than {} sites, which is the limit; ask for a smaller "
          "region",
          request.region(), kMaxSites));
    }
    v1::Site* out = response->add_sites();
    out->set_subject(subject.ToString());
    out->set_name_zh(site.name_zh);
    out->set_name_en(site.name_en);
    for (const Division& origin : site.origins) out->add_origins(origin.ToString());
    out->set_households(static_cast<uint64_t>(households[subject]));
  }
  return absl::OkStatus();
}

}  // namespace shouwang::query
