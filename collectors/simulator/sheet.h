// Writes one CSV sheet, gzip where its name ends in .gz. It is written beside its place under a
// name ending in ".part" and takes its own name in Finish, so a sheet that is there is whole.
//
// Single-threaded. The first disk fault stands and is told by Finish (Unavailable); a sheet that is
// not finished is removed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shouwang::simulator {

class Sheet {
 public:
  static absl::StatusOr<Sheet> Create(const std::string& path);
  Sheet(Sheet&&) noexcept;
  Sheet& operator=(Sheet&&) noexcept;
  ~Sheet();

  // Cells hold no commas, quotes or line ends.
  void Cell(std::string_view text);
  void Number(uint64_t number);
  // "12", "12.5" or "12.34".
  void Hundredths(int64_t value);
  void EmptyCell();
  void EndRow();
  absl::Status Finish();

 private:
  struct State;
  explicit Sheet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace shouwang::simulator
