// The keys and values of everything but blocks and states, as bytes: README.md gives them byte by
// byte. Pure functions over views; no RocksDB here. Every value begins with its version; Read
// functions give nullopt for bytes that Write never writes, folds keep such parts as they came
// (storage/blocks/pile.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/blocks/block_key.h"
#include "storage/contract/binding.h"
#include "storage/contract/store.h"
#include "storage/contract/trimming.h"

namespace shouwang::rocks {

// The first key of a region and the first past it, of all keys that begin with a place.
std::string PlaceKey(uint64_t place);

// warnings of a format before 6: by (subject, rule).
std::optional<Warning> ReadWarning(std::string_view key, std::string_view value);

// superseded: all of it is in the key; SubjectKey is the prefix of a subject's.
std::string SubjectKey(const Subject& subject);
std::string SupersededKey(const SupersededValue& superseded);
std::optional<SupersededValue> ReadSuperseded(std::string_view key);

// rollups: twelve months of an indicator at a place.
struct RollupKey {
  RollupPlace place;
  IndicatorId indicator = 0;
  int32_t year = 0;
  friend auto operator<=>(const RollupKey&, const RollupKey&) = default;
};
// What the keys of one view and indicator begin with, up to `township` or, of a site, its place.
std::string RollupPrefix(RollupView view, IndicatorId indicator);
std::string WriteRollupKey(const RollupKey& key);
std::optional<RollupKey> ReadRollupKey(std::string_view bytes);
// `deltas` are all of the key's place, indicator and year.
std::string WriteRollup(std::span<const RollupDelta* const> deltas);
bool ReadRollup(const RollupKey& key, std::string_view value,
                absl::FunctionRef<void(const RollupCell&)> visit);
std::string FoldRollups(std::string_view key, std::span<const std::string_view> parts);

// histograms: twelve months of an indicator over a place.
struct HistogramKey {
  HistogramPlace place;
  IndicatorId indicator = 0;
  int32_t year = 0;
  friend auto operator<=>(const HistogramKey&, const HistogramKey&) = default;
};
// What the keys of one view, level and indicator begin with, up to the division.
std::string HistogramPrefix(RollupView view, DivisionLevel level, IndicatorId indicator);
std::string WriteHistogramKey(const HistogramKey& key);
std::optional<HistogramKey> ReadHistogramKey(std::string_view bytes);
// `deltas` are all of the key's place, indicator and year.
std::string WriteHistograms(std::span<const PlaceHistogram* const> deltas);
// By month; an empty one may be shown.
bool ReadHistograms(const HistogramKey& key, std::string_view value,
                    absl::FunctionRef<void(PlaceHistogram)> visit);
std::string FoldHistograms(std::string_view key, std::span<const std::string_view> parts);

// tallies: by place.
std::string TallyPrefix(RollupView view);
std::string TallyKey(const RollupPlace& place);
std::string WriteTally(const Tally& tally);
std::optional<Tally> ReadTally(std::string_view key, std::string_view value);
std::string FoldTallies(std::string_view key, std::span<const std::string_view> parts);

// batches: by number.
std::string NumberKey(uint64_t number);
std::optional<uint64_t> ReadNumber(std::string_view bytes);
std::string WriteBatch(const BatchRecord& batch);
std::optional<BatchRecord> ReadBatch(uint64_t number, std::string_view value);

// meta.
std::string WriteBinding(const IndicatorBinding& binding);
std::optional<IndicatorBinding> ReadBinding(std::string_view value);
std::string WriteRetention(const KeptRetention& retention);
std::optional<KeptRetention> ReadRetention(std::string_view value);

}  // namespace shouwang::rocks
