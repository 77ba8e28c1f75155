#include "fetch/offline_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

namespace {

Error unreadable(const std::string& path, int error) {
  return {Errc::store_unreadable, path + ": " + std::strerror(error)};
}

class File {
 public:
  explicit File(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Result<ByteVec> read_all(int fd, const std::string& path) {
  ByteVec out(kMaxCertificateFile + 1);
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ::ssize_t n = ::read(fd, out.data() + filled, out.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  if (filled > kMaxCertificateFile) return unreadable(path, EFBIG);
  out.resize(filled);
  return out;
}

/// The content, or nothing when there is no such file.
Result<std::optional<ByteVec>> read_if_there(const std::string& path) {
  const File file(path);
  if (file.fd() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<ByteVec>();
    return unreadable(path, errno);
  }
  struct ::stat status{};
  if (::fstat(file.fd(), &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) return unreadable(path, EISDIR);
  TRY(auto content, read_all(file.fd(), path));
  return std::optional(std::move(content));
}

}  // namespace

Result<ByteVec> OfflineStore::vcek(const amd::VcekRequest& request) const {
  for (const std::string& relative : amd::offline_store_paths(request)) {
    std::string path = path_;
    path += "/" + relative;
    TRY(auto content, read_if_there(path));
    if (content.has_value()) return std::move(*content);
  }
  return Error(Errc::not_found, path_);
}

}  // namespace trustee::fetch
