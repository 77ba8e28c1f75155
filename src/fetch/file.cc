#include "fetch/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

namespace {

Error unreadable(const std::string& path, int error) {
  return {Errc::store_unreadable, path + ": " + std::strerror(error)};
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::string version_of(const struct ::stat& status) {
  return std::to_string(status.st_dev) + "." + std::to_string(status.st_ino) + "." +
         std::to_string(status.st_size) + "." + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

Result<ByteVec> read_all(int fd, const std::string& path, std::size_t size, std::size_t max) {
  if (size > max) return unreadable(path, EFBIG);
  ByteVec out(size + 1);
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ::ssize_t n = ::read(fd, out.data() + filled, out.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
    if (filled > max) return unreadable(path, EFBIG);
    if (filled == out.size()) out.resize(2 * filled);  // it grows while it is read
  }
  out.resize(filled);
  return out;
}

}  // namespace

Result<std::optional<FileContent>> read_file_if_there(const std::string& path, std::size_t max) {
  const OpenFile file(path);
  if (file.fd() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileContent>();
    return unreadable(path, errno);
  }
  struct ::stat status{};
  if (::fstat(file.fd(), &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) return unreadable(path, EISDIR);
  TRY(ByteVec bytes, read_all(file.fd(), path, static_cast<std::size_t>(status.st_size), max));
  return std::optional(FileContent{std::move(bytes), version_of(status)});
}

Result<std::optional<std::string>> file_version(const std::string& path) {
  struct ::stat status{};
  if (::stat(path.c_str(), &status) == 0) return std::optional(version_of(status));
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
  return unreadable(path, errno);
}

}  // namespace trustee::fetch
