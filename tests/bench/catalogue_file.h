// The catalogue from its file, as the daemon lists it on the wire: for programs that measure
// without a daemon. Any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "shouwang/v1/catalogue.pb.h"

namespace shouwang::bench {

// By ascending id. InvalidArgument with every fault of the file.
absl::StatusOr<std::vector<v1::Indicator>> ReadCatalogueFile(const std::string& path);

}  // namespace shouwang::bench
