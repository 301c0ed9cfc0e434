#include "storage/rocks/merge.h"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/merge_operator.h>

#include <memory>
#include <vector>

#include "storage/blocks/pile.h"

namespace shouwang::rocks {
namespace {

// What this thread writes a table for, if it does. A merge operator is not told who calls it.
enum class TableWork { kNone, kFlush, kCompaction, kManualCompaction };
thread_local TableWork table_work = TableWork::kNone;

using Parts = std::span<const std::string_view>;

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class PartsOperator : public rocksdb::MergeOperator {
 public:
  explicit PartsOperator(const char* name) : name_(name) {}

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
    output->new_value = MergeAll(View(input.key), parts);
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                         std::string* value, rocksdb::Logger* /*logger*/) const override {
    std::vector<std::string_view> parts;
    parts.reserve(operands.size());
    for (const rocksdb::Slice& operand : operands) parts.push_back(View(operand));
    *value = MergeSome(View(key), parts);
    return true;
  }

 private:
  // All that there is. What a flush or a compaction writes of it stands as a value of its own,
  // which nothing may ever be merged with again.
  virtual std::string MergeAll(std::string_view key, Parts parts) const = 0;
  // Behind these there may be older ones.
  virtual std::string MergeSome(std::string_view key, Parts parts) const = 0;

  const char* const name_;
};

class SumOperator : public PartsOperator {
 public:
  SumOperator(const char* name, FoldFunction fold, FoldFunction join)
      : PartsOperator(name), fold_(fold), join_(join) {}

 private:
  std::string MergeAll(std::string_view key, Parts parts) const override {
    return fold_(key, parts);
  }
  std::string MergeSome(std::string_view key, Parts parts) const override {
    return join_(key, parts);
  }

  const FoldFunction fold_;
  const FoldFunction join_;
};

class PileOperator : public PartsOperator {
 public:
  PileOperator(const char* name, FoldFunction fold, FoldFunction fold_many)
      : PartsOperator(name), fold_(fold), fold_many_(fold_many) {}

 private:
  std::string MergeAll(std::string_view key, Parts parts) const override {
    if (table_work == TableWork::kNone) return JoinPiles(parts);
    return (table_work == TableWork::kManualCompaction ? fold_ : fold_many_)(key, parts);
  }
  std::string MergeSome(std::string_view key, Parts parts) const override {
    if (table_work != TableWork::kFlush) return MergeAll(key, parts);
    return parts.size() > kMostPartsOfFlush ? fold_(key, parts) : JoinPiles(parts);
  }

  const FoldFunction fold_;
  const FoldFunction fold_many_;
};

// RocksDB makes one of these on each thread that writes tables, before it merges anything, and
// destroys it there when the table is written.
class TableFilter : public rocksdb::CompactionFilter {
 public:
  TableFilter(TableWork work, FoldFunction fold, bool (*is_old)(std::string_view))
      : fold_(fold), is_old_(is_old) {
    table_work = work;
  }
  ~TableFilter() override { table_work = TableWork::kNone; }

  const char* Name() const override { return "shouwang.folding"; }

  // Values that are not merged on the way.
  Decision FilterV2(int /*level*/, const rocksdb::Slice& key, ValueType type,
                    const rocksdb::Slice& value, std::string* folded,
                    std::string* /*skip_until*/) const override {
    const std::string_view pile = View(value);
    if (type != ValueType::kValue || table_work == TableWork::kFlush) return Decision::kKeep;
    const bool is_pile = HasVersion(pile, kPileVersion);
    if (!is_pile && (is_old_ == nullptr || !is_old_(pile))) return Decision::kKeep;
    *folded = fold_(View(key), {&pile, 1});
    // An old part that is damaged tells more as it is.
    if (!is_pile && HasVersion(*folded, kDamagedVersion)) return Decision::kKeep;
    return Decision::kChangeValue;
  }

 private:
  const FoldFunction fold_;
  bool (*const is_old_)(std::string_view);
};

class TableFilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  TableFilterFactory(FoldFunction fold, bool (*is_old)(std::string_view))
      : fold_(fold), is_old_(is_old) {}

  const char* Name() const override { return "shouwang.folding"; }

  bool ShouldFilterTableFileCreation(rocksdb::TableFileCreationReason /*reason*/) const override {
    return true;
  }

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override {
    if (context.reason != rocksdb::TableFileCreationReason::kCompaction) {
      return std::make_unique<TableFilter>(TableWork::kFlush, fold_, is_old_);
    }
    return std::make_unique<TableFilter>(
        context.is_manual_compaction ? TableWork::kManualCompaction : TableWork::kCompaction, fold_,
        is_old_);
  }

 private:
  const FoldFunction fold_;
  bool (*const is_old_)(std::string_view);
};

}  // namespace

void FoldAlways(const char* name, FoldFunction fold, rocksdb::ColumnFamilyOptions* options) {
  FoldAlways(name, fold, fold, options);
}

void FoldAlways(const char* name, FoldFunction fold, FoldFunction join,
                rocksdb::ColumnFamilyOptions* options) {
  options->merge_operator = std::make_shared<SumOperator>(name, fold, join);
}

void FoldInCompactions(const char* name, FoldFunction fold, FoldFunction fold_many,
                       bool (*is_old)(std::string_view part),
                       rocksdb::ColumnFamilyOptions* options) {
  options->merge_operator = std::make_shared<PileOperator>(name, fold, fold_many);
  options->compaction_filter_factory = std::make_shared<TableFilterFactory>(fold, is_old);
}

}  // namespace shouwang::rocks
