// Sheets and mapping files in a temporary folder.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/temporary_directory.h"

namespace shouwang {

class Sheets {
 public:
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  // Cut short by `cut` bytes.
  std::string WriteGzip(const std::string& name, const std::string& text, size_t cut = 0) const {
    gzFile file = gzopen(Path(name).c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    std::string bytes = Read(name);
    bytes.resize(bytes.size() - cut);
    return Write(name, bytes);
  }
  std::string Read(const std::string& name) const {
    std::ifstream stream(Path(name), std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  std::string WriteMapping() const {
    return Write("mapping.yaml",
                 "source: cadre_visit\n"
                 "kind: household\n"
                 "place: \"{村代码}\"\n"
                 "number: \"{户编号}\"\n"
                 "period: {cell: 日期, format: date}\n"
                 "indicators:\n"
                 "  wage_income: 工资\n"
                 "  household_size: 人口\n");
  }

 private:
  TemporaryDirectory folder_;
};

}  // namespace shouwang
