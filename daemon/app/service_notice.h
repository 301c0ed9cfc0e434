// Tells systemd how the daemon is (sd_notify); does nothing where NOTIFY_SOCKET is not set. Any
// thread.
#pragma once

namespace shouwang::app {

void NoticeReady();
void NoticeReloading();
void NoticeStopping();

}  // namespace shouwang::app
