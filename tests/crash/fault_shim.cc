// Preloaded into a real daemon, makes its disk and its clock misbehave on demand: while a file of
// the named kind is in $SHOUWANG_FAULTS,
//   fsync   fsync and fdatasync give EIO (without asking the disk)
//   clock   the time of day is a day behind
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace {

bool IsAsked(const char* fault) {
  const char* folder = std::getenv("SHOUWANG_FAULTS");
  if (folder == nullptr) return false;
  const int before = errno;
  const bool asked = access((std::string(folder) + "/" + fault).c_str(), F_OK) == 0;
  errno = before;
  return asked;
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int Sync(const char* name, int fd) {
  if (IsAsked("fsync")) {
    errno = EIO;
    return -1;
  }
  return Real<int (*)(int)>(name)(fd);
}

}  // namespace

extern "C" {

int fsync(int fd) { return Sync("fsync", fd); }
int fdatasync(int fd) { return Sync("fdatasync", fd); }

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto real = Real<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, now);
  constexpr time_t kDay = 86'400;
  if (result == 0 && clock == CLOCK_REALTIME && IsAsked("clock")) now->tv_sec -= kDay;
  return result;
}

}  // extern "C"
