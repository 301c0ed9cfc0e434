#include "storage/rocks/merge.h"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/merge_operator.h>

#include <memory>
#include <vector>

#include "storage/blocks/pile.h"

namespace shouwang::rocks {
namespace {

// What this thread writes a table for, if it does. A merge operator is not told who calls it.
enum class TableWork { kNone, kFlush, kCompaction };
thread_local TableWork table_work = TableWork::kNone;

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class FoldOperator : public rocksdb::MergeOperator {
 public:
  FoldOperator(const char* name, FoldFunction fold, FoldFunction join, bool piles)
      : name_(name), fold_(fold), join_(join), piles_(piles) {}

  const char* Name() const override { return name_; }

  // Never fails: RocksDB would stop every write of the store for one bad value. A fold that meets
  // damage keeps the parts, and whoever reads the key is told.
  bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override {
    if (input.existing_value == nullptr && input.operand_list.size() == 1 &&
        table_work == TableWork::kNone) {
      output->existing_operand = input.operand_list[0];
      return true;
    }
    std::vector<std::string_view> parts;
    parts.reserve(input.operand_list.size() + 1);
    if (input.existing_value != nullptr) parts.push_back(View(*input.existing_value));
    for (const rocksdb::Slice& operand : input.operand_list) parts.push_back(View(operand));
    // What a flush or a compaction writes here stands as a value of its own, which nothing may ever
    // be merged with again.
    output->new_value =
        piles_ && table_work == TableWork::kNone ? JoinPiles(parts) : fold_(View(input.key), parts);
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                         std::string* value, rocksdb::Logger* /*logger*/) const override {
    std::vector<std::string_view> parts;
    parts.reserve(operands.size());
    for (const rocksdb::Slice& operand : operands) parts.push_back(View(operand));
    const bool fold = !piles_ || table_work == TableWork::kCompaction ||
                      (table_work == TableWork::kFlush && parts.size() > kMostPartsOfFlush);
    *value = fold ? join_(View(key), parts) : JoinPiles(parts);
    return true;
  }

 private:
  const char* name_;
  const FoldFunction fold_;
  const FoldFunction join_;
  const bool piles_;
};

// RocksDB makes one of these on each thread that writes tables, before it merges anything, and
// destroys it there when the table is written.
class TableFilter : public rocksdb::CompactionFilter {
 public:
  TableFilter(TableWork work, FoldFunction fold) : fold_(fold) { table_work = work; }
  ~TableFilter() override { table_work = TableWork::kNone; }

  const char* Name() const override { return "shouwang.folding"; }

  // Values that are not merged on the way are piles where a table was written unnoticed.
  Decision FilterV2(int /*level*/, const rocksdb::Slice& key, ValueType type,
                    const rocksdb::Slice& value, std::string* folded,
                    std::string* /*skip_until*/) const override {
    const std::string_view pile = View(value);
    if (type != ValueType::kValue || table_work != TableWork::kCompaction || pile.empty() ||
        static_cast<uint8_t>(pile[0]) != kPileVersion) {
      return Decision::kKeep;
    }
    *folded = fold_(View(key), {&pile, 1});
    return Decision::kChangeValue;
  }

 private:
  const FoldFunction fold_;
};

class TableFilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  explicit TableFilterFactory(FoldFunction fold) : fold_(fold) {}

  const char* Name() const override { return "shouwang.folding"; }

  bool ShouldFilterTableFileCreation(rocksdb::TableFileCreationReason /*reason*/) const override {
    return true;
  }

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override {
    const bool compaction = context.reason == rocksdb::TableFileCreationReason::kCompaction;
    return std::make_unique<TableFilter>(compaction ? TableWork::kCompaction : TableWork::kFlush,
                                         fold_);
  }

 private:
  const FoldFunction fold_;
};

}  // namespace

void FoldAlways(const char* name, FoldFunction fold, rocksdb::ColumnFamilyOptions* options) {
  FoldAlways(name, fold, fold, options);
}

void FoldAlways(const char* name, FoldFunction fold, FoldFunction join,
                rocksdb::ColumnFamilyOptions* options) {
  options->merge_operator = std::make_shared<FoldOperator>(name, fold, join, /*piles=*/false);
}

void FoldInCompactions(const char* name, FoldFunction fold, rocksdb::ColumnFamilyOptions* options) {
  options->merge_operator = std::make_shared<FoldOperator>(name, fold, fold, /*piles=*/true);
  options->compaction_filter_factory = std::make_shared<TableFilterFactory>(fold);
}

}  // namespace shouwang::rocks
