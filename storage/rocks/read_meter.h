// Private to storage/rocks: a file system that counts what is read through it, and can be told to
// stop reading. RocksDB's backup engine tells neither how far a check or a restore has come, nor
// can it be ended in one.
//
// Any thread. Outlives the files that it opened.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace shouwang::rocks {

class ReadMeter : public rocksdb::FileSystemWrapper {
 public:
  // `on_bytes` is called with the sum after each `step` bytes or so, from the thread that reads.
  ReadMeter(std::function<void(uint64_t)> on_bytes, uint64_t step);

  const char* Name() const override { return "ShouwangReadMeter"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override;

  // Every read from now on fails.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  uint64_t bytes() const { return bytes_; }

 private:
  class File;
  void Add(uint64_t bytes);

  const std::function<void(uint64_t)> on_bytes_;
  const uint64_t step_;
  std::atomic<bool> stopped_ = false;
  std::atomic<uint64_t> bytes_ = 0;
};

}  // namespace shouwang::rocks
