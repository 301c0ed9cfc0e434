// The version that is built in; the one in the root CMakeLists.txt.
#pragma once

namespace shouwang::app {

inline constexpr const char* kVersion = SHOUWANG_VERSION;

}  // namespace shouwang::app
