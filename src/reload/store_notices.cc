#include "reload/store_notices.h"

#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace trustee::reload {
namespace {

// Reading, opening and closing are no changes.
constexpr std::uint32_t kChanges = IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                   IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

StoreNotices::StoreNotices() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

StoreNotices::~StoreNotices() {
  if (fd_ >= 0) ::close(fd_);
}

bool StoreNotices::watch(const std::vector<std::string>& directories) {
  bool all = true;
  for (const std::string& directory : directories) {
    const bool watched =
        fd_ >= 0 && ::inotify_add_watch(fd_, directory.c_str(), kChanges | IN_ONLYDIR) >= 0;
    all = all && (watched || (fd_ >= 0 && errno == ENOENT));
  }
  return all;
}

bool StoreNotices::pending() const {
  int bytes = 0;
  return fd_ >= 0 && ::ioctl(fd_, FIONREAD, &bytes) == 0 && bytes > 0;
}

void StoreNotices::take() {
  alignas(inotify_event) std::array<char, 16384> events{};
  while (fd_ >= 0 && ::read(fd_, events.data(), events.size()) > 0) {
  }
}

}  // namespace trustee::reload
