#include "daemon/metrics/listen_fault.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace shouwang::metrics {
namespace {

// 0 where the bind works, an errno where it does not, -1 where there is no such address.
int TryBind(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found) != 0) {
    return -1;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  const int fd = socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  int fault = bind(fd, addresses->ai_addr, addresses->ai_addrlen) == 0 ? 0 : errno;
  if (fault == 0 && listen(fd, 1) != 0) fault = errno;
  close(fd);
  return fault;
}

}  // namespace

absl::Status ListenFault(std::string_view setting, std::string_view address) {
  const size_t colon = address.rfind(':');
  std::string host(address.substr(0, colon == std::string_view::npos ? 0 : colon));
  const std::string port(address.substr(colon == std::string_view::npos ? 0 : colon + 1));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const int fault = TryBind(host, port);
  switch (fault) {
    case -1:
      return absl::InvalidArgumentError(
          fmt::format("{}: '{}' is not an address and port of this machine, such as 127.0.0.1:{}",
                      setting, address, 9464));
    case 0:
      return absl::UnavailableError(
          fmt::format("{}: {} could not be listened on; try again", setting, address));
    case EADDRINUSE:
      return absl::UnavailableError(fmt::format(
          "{}: {} is taken; stop what listens there (ss -ltnp shows it) or set another port",
          setting, address));
    case EACCES:
      return absl::PermissionDeniedError(fmt::format(
          "{}: {} may not be listened on by this user; ports below 1024 need CAP_NET_BIND_SERVICE",
          setting, address));
    default:
      return absl::UnavailableError(
          fmt::format("{}: {}: {}", setting, address, std::strerror(fault)));
  }
}

}  // namespace shouwang::metrics
