# Included by builds under ThreadSanitizer. It sees an order between two threads only where the code
# that makes the order is instrumented, and our order is made by absl::Mutex and by gRPC. So every
# program loads abseil and gRPC from where tests/thread_sanitizer/build_libraries has built them.
#
# RPATH rather than RUNPATH: it holds for the libraries of libraries too.
set(INSTRUMENTED ${PROJECT_SOURCE_DIR}/build/instrumented)
if(NOT EXISTS ${INSTRUMENTED}/made_of)
  message(FATAL_ERROR "${INSTRUMENTED} is not built. Run tests/tsan, or first "
                      "tests/thread_sanitizer/build_libraries.")
endif()
# An object, not an archive: its symbol is one that the sanitizer has already, only weaker.
add_library(shouwang_thread_sanitizer OBJECT ${CMAKE_CURRENT_LIST_DIR}/options.cc)
target_compile_definitions(shouwang_thread_sanitizer
  PRIVATE SHOUWANG_SUPPRESSIONS="${CMAKE_CURRENT_LIST_DIR}/suppressions.txt")
target_link_libraries(shouwang_generated_code
  INTERFACE $<TARGET_OBJECTS:shouwang_thread_sanitizer>)
target_link_options(shouwang_generated_code
  INTERFACE -Wl,--disable-new-dtags,-rpath,${INSTRUMENTED}/lib)
