#include "storage/rocks/read_meter.h"

#include <utility>

namespace shouwang::rocks {

class ReadMeter::File : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSSequentialFile> file, ReadMeter* meter)
      : FSSequentialFileOwnerWrapper(std::move(file)), meter_(meter) {}

  rocksdb::IOStatus Read(size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result,
                         char* scratch, rocksdb::IODebugContext* context) override {
    if (meter_->stopped_) return rocksdb::IOStatus::Aborted("stopped");
    rocksdb::IOStatus status =
        FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, context);
    if (status.ok()) meter_->Add(result->size());
    return status;
  }

 private:
  ReadMeter* const meter_;
};

ReadMeter::ReadMeter(std::function<void(uint64_t)> on_bytes, uint64_t step)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      on_bytes_(std::move(on_bytes)),
      step_(step) {}

rocksdb::IOStatus ReadMeter::NewSequentialFile(const std::string& name,
                                               const rocksdb::FileOptions& options,
                                               std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                               rocksdb::IODebugContext* context) {
  std::unique_ptr<rocksdb::FSSequentialFile> opened;
  rocksdb::IOStatus status = target()->NewSequentialFile(name, options, &opened, context);
  if (status.ok()) *file = std::make_unique<File>(std::move(opened), this);
  return status;
}

void ReadMeter::Add(uint64_t bytes) {
  const uint64_t before = bytes_.fetch_add(bytes);
  if (before / step_ != (before + bytes) / step_) on_bytes_(before + bytes);
}

}  // namespace shouwang::rocks
