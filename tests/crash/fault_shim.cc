// Preloaded into a real daemon, makes its disk and its clock misbehave on demand: while a file of
// the named kind is in $SHOUWANG_FAULTS,
//   fsync   fsync and fdatasync give EIO (without asking the disk)
//   clock   the time of day is a day behind
//   slow_log, slow_data   fsync of the log, or of data files, waits: the file is a FIFO, and a byte
//           written to it lets one through. That one waits is told by a file beside it,
//           NAME.waiting
#include <dlfcn.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

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

bool IsOf(int fd, std::string_view extension) {
  char path[4096];
  const ssize_t size =
      readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof(path));
  return size > 0 && std::string_view(path, static_cast<size_t>(size)).ends_with(extension);
}

void AwaitGate(const char* gate) {
  const std::string path = std::string(std::getenv("SHOUWANG_FAULTS")) + "/" + gate;
  const int fifo = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fifo < 0) return;
  close(open((path + ".waiting").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  char byte = 0;
  while (read(fifo, &byte, 1) < 0 && errno == EINTR) {
  }
  close(fifo);
}

int Sync(const char* name, int fd) {
  if (IsAsked("slow_log") && IsOf(fd, ".log")) AwaitGate("slow_log");
  if (IsAsked("slow_data") && IsOf(fd, ".sst")) AwaitGate("slow_data");
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
