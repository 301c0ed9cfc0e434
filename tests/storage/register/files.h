// A folder of files that lives as long as a test.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/temporary_directory.h"

namespace shouwang {

class Files {
 public:
  const std::string& folder() const { return folder_.path(); }
  std::string Write(const std::string& name, const std::string& bytes) const {
    std::string path = folder() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  TemporaryDirectory folder_;
};

}  // namespace shouwang
