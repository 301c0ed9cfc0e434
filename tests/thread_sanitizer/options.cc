// What every program of a build under ThreadSanitizer runs with, however it is started. Single
// options are overridden by TSAN_OPTIONS in the environment.

// The first race ends the program with exit code 66, so that a test which started it takes notice.
//
// Circles of locks are found without it, by abseil in every test of the other presets
// (tests/daemon/app/locks_test.cc); the sanitizer gives up where a thread has 64 locks, as a commit
// to all lanes of storage/rocks/long_piles.h.
constexpr const char* kOptions =
    "halt_on_error=1:detect_deadlocks=0:history_size=7:suppressions='" SHOUWANG_SUPPRESSIONS "'";

// Called by the sanitizer, which chose the name, before it is ready: this file is not instrumented.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return kOptions; }
