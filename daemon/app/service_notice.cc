#include "daemon/app/service_notice.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <chrono>

namespace shouwang::app {

void NoticeReady() { sd_notify(0, "READY=1"); }

void NoticeReloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()).c_str());
}

void NoticeStopping() { sd_notify(0, "STOPPING=1"); }

}  // namespace shouwang::app
