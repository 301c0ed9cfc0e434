#include "storage/rocks/merge.h"

#include <vector>

namespace shouwang::rocks {
namespace {

class FoldOperator : public rocksdb::MergeOperator {
 public:
  FoldOperator(const char* name, FoldFunction fold) : name_(name), fold_(fold) {}

  const char* Name() const override { return name_; }

  // Never fails: RocksDB would stop every write of the store for one bad value. A fold that meets
  // damage keeps the parts, and whoever reads the key is told.
  bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override {
    std::vector<std::string_view> parts;
    parts.reserve(input.operand_list.size() + 1);
    if (input.existing_value != nullptr) parts.push_back(View(*input.existing_value));
    for (const rocksdb::Slice& operand : input.operand_list) parts.push_back(View(operand));
    if (parts.size() == 1) {
      output->new_value.assign(parts[0]);
    } else {
      output->new_value = fold_(View(input.key), parts);
    }
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                         std::string* value, rocksdb::Logger* /*logger*/) const override {
    std::vector<std::string_view> parts;
    parts.reserve(operands.size());
    for (const rocksdb::Slice& operand : operands) parts.push_back(View(operand));
    *value = fold_(View(key), parts);
    return true;
  }

 private:
  static std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

  const char* name_;
  FoldFunction fold_;
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> MakeMergeOperator(const char* name, FoldFunction fold) {
  return std::make_shared<FoldOperator>(name, fold);
}

}  // namespace shouwang::rocks
