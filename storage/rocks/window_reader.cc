#include "storage/rocks/window_reader.h"

#include <optional>
#include <string>
#include <string_view>

#include "storage/blocks/block_key.h"
#include "storage/rocks/database.h"
#include "storage/rocks/long_piles.h"

namespace shouwang::rocks {

absl::StatusOr<bool> RocksWindowReader::Fill(DateRange range,
                                             std::span<const IndicatorId> indicators,
                                             GroupWindow* window) {
  const Database& database = store_.database();
  if (blocks_ == nullptr) blocks_ = database.ReadGroups(&end_slice_);
  absl::StatusOr<bool> fits = ReadYears(range, indicators, window);
  if (fits.ok()) return fits;
  blocks_.reset();  // a table's iterator may stay where it failed
  return database.Noted(fits.status());
}

absl::StatusOr<bool> RocksWindowReader::ReadYears(DateRange range,
                                                  std::span<const IndicatorId> indicators,
                                                  GroupWindow* window) {
  std::string first;
  AppendBlockKey({window->group(), range.from.year()}, &first);
  end_.clear();
  AppendBlockKey({window->group(), range.to.year() + 1}, &end_);
  end_slice_ = SliceOf(end_);
  for (blocks_->Seek(SliceOf(first)); blocks_->Valid(); blocks_->Next()) {
    const std::string_view bytes = ViewOf(blocks_->key());
    const std::string_view value = ViewOf(blocks_->value());
    const std::optional<BlockKey> key = ParseBlockKey(bytes);
    if (!key) return DamagedRecord("blocks", bytes);
    if (absl::Status status = pile_.Open({&value, 1}, *key, range); !status.ok()) return status;
    if (LongPiles::IsLong(pile_.parts())) store_.long_piles().Note(Family::kBlocks, bytes);
    pile_.ReadOnly(indicators);
    absl::StatusOr<bool> fits = pile_.ReadInto(window);
    if (!fits.ok() || !*fits) return fits;
  }
  absl::Status status = FromRocks(blocks_->status(), "reading blocks");
  if (!status.ok()) return status;
  return true;
}

}  // namespace shouwang::rocks

namespace shouwang {

std::unique_ptr<WindowReader> RocksStore::ReadWindows() const {
  return std::make_unique<rocks::RocksWindowReader>(*this);
}

}  // namespace shouwang
