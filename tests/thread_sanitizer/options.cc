// What every program of a build under ThreadSanitizer runs with, however it is started. Single
// options are overridden by TSAN_OPTIONS in the environment.

// The first race ends the program with exit code 66, so that a test which started it takes notice.
constexpr const char* kOptions =
    "halt_on_error=1:second_deadlock_stack=1:history_size=4:suppressions='" SHOUWANG_SUPPRESSIONS
    "'";

// Called by the sanitizer, which chose the name, before it is ready: this file is not instrumented.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return kOptions; }
