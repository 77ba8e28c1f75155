#include "k8s/internal/file_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "k8s/errors.h"

namespace trustee::k8s::internal {
namespace {

constexpr std::size_t kMaxFile = 1U << 20U;

Error unreadable(const std::string& path, int reason) {
  return Error(Errc::credentials_unreadable, path + ": " + std::strerror(reason));
}

}  // namespace

Result<std::string> file_text(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(path, errno);
  std::string out;
  char piece[4096];
  ssize_t n = 0;
  while ((n = ::read(fd, piece, sizeof piece)) > 0 && out.size() <= kMaxFile) {
    out.append(piece, static_cast<std::size_t>(n));
  }
  const int reason = n < 0 ? errno : EFBIG;
  ::close(fd);
  if (n != 0) return unreadable(path, reason);
  return out;
}

}  // namespace trustee::k8s::internal
