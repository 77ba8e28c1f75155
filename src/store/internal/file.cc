#include "store/internal/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "base/secret.h"
#include "base/try.h"

namespace trustee::store {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
/// Tries when another program rewrites a file in place while we read it.
constexpr int kReadTries = 5;

std::int64_t nanos(const struct timespec& t) { return t.tv_sec * kNanosPerSecond + t.tv_nsec; }

/// Reads from `fd` to the end. `expected` is what the file said its size is.
Result<ByteVec> read_to_end(int fd, std::size_t expected, std::size_t limit,
                            const std::string& name) {
  ByteVec out(expected + 1);  // one more, so that the end is seen with the first read
  std::size_t used = 0;
  while (true) {
    if (used == out.size()) out.resize(out.size() * 2);
    const ssize_t n = ::read(fd, out.data() + used, out.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("read", name, errno);
    const bool at_end = static_cast<std::size_t>(n) < out.size() - used;
    used += static_cast<std::size_t>(n);
    if (used > limit) return Error(kv::Errc::too_large, name);
    if (at_end) break;
  }
  out.resize(used);
  return out;
}

/// mkdir with mode 0700 and a synced parent; fine when the directory is there.
Result<void> make_directory(const std::string& path, const std::string& parent) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST) return io_error("create directory", path, errno);
    return {};
  }
  const Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open() || ::fsync(fd.get()) != 0) return io_error("sync", parent, errno);
  return {};
}

struct CloseDir {
  void operator()(DIR* d) const { ::closedir(d); }
};

/// Errors: io with the system's reason, where that cannot be told.
Result<bool> is_regular(int dir_fd, const struct dirent& entry) {
  if (entry.d_type == DT_REG) return true;
  if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return false;
  struct stat status{};
  if (::fstatat(dir_fd, entry.d_name, &status, 0) == 0) return S_ISREG(status.st_mode);
  if (leads_nowhere(errno)) return false;
  return Error(kv::Errc::io, std::generic_category().message(errno));
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Stamp stamp_of(const struct stat& status) {
  return {.inode = status.st_ino,
          .size = status.st_size,
          .mtime_ns = nanos(status.st_mtim),
          .ctime_ns = nanos(status.st_ctim)};
}

Result<std::optional<Stamp>> stamp_at(int dir_fd, const std::string& name) {
  struct stat status{};
  if (::fstatat(dir_fd, name.c_str(), &status, 0) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<Stamp>();
    return io_error("stat", name, errno);
  }
  return std::optional(stamp_of(status));
}

Error change_error(std::string_view tried, std::string_view path, int error_number) {
  Error error = io_error(tried, path, error_number);
  if (error_number != EROFS && error_number != EACCES && error_number != EPERM) return error;
  return Error(kv::Errc::not_writable, error.detail());
}

Error io_error(std::string_view tried, std::string_view path, int error_number) {
  std::string detail(tried);
  detail += ' ';
  detail += path;
  detail += ": ";
  detail += std::generic_category().message(error_number);
  return Error(kv::Errc::io, std::move(detail));
}

Result<std::optional<ByteVec>> read_file(int dir_fd, const std::string& name, std::size_t limit) {
  // O_NONBLOCK: a pipe under this name must not hold us up.
  const Fd fd(::openat(dir_fd, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<ByteVec>();
    return io_error("open", name, errno);
  }
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return io_error("stat", name, errno);
  if (S_ISDIR(status.st_mode)) return std::optional<ByteVec>();
  if (!S_ISREG(status.st_mode)) return Error(kv::Errc::io, name + " is not a regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit) return Error(kv::Errc::too_large, name);
  TRY(auto content, read_to_end(fd.get(), size, limit, name));
  return std::optional(std::move(content));
}

Result<Settled> read_settled(const std::string& path, std::size_t limit,
                             const std::function<void()>& between) {
  for (int i = 1;; ++i) {
    TRY(const auto before, stamp_at(AT_FDCWD, path));
    TRY(auto content, read_file(AT_FDCWD, path, limit));
    if (between) between();
    TRY(const auto after, stamp_at(AT_FDCWD, path));
    if (before != after && i < kReadTries) {
      if (content) wipe(content->data(), content->size());  // it may hold secrets
      continue;
    }
    return Settled{std::move(content), before};
  }
}

bool leads_nowhere(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

Result<RegularFiles> regular_files(const std::string& path) {
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
  if (dir == nullptr) return io_error("open directory", path, errno);
  RegularFiles out;
  errno = 0;
  while (const struct dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    const auto regular = is_regular(::dirfd(dir.get()), *entry);
    if (!regular.ok()) {
      out.unreadable.push_back({name, path + "/" + name + ": " + regular.error().detail()});
    } else if (*regular) {
      out.names.push_back(name);
    }
    errno = 0;
  }
  if (errno != 0) return io_error("read directory", path, errno);
  return out;
}

Result<void> make_directories(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Error(kv::Errc::io, path + " is not a directory");
  }
  if (errno != ENOENT) return io_error("stat", path, errno);
  const std::size_t slash = path.find_last_of('/');
  const bool relative_leaf = slash == std::string::npos;
  const std::string parent = relative_leaf ? "." : path.substr(0, slash == 0 ? 1 : slash);
  if (!relative_leaf && parent != path) {
    TRY_VOID(make_directories(parent));
  }
  if (slash + 1 == path.size()) return {};  // "a/b/": the recursion made it
  return make_directory(path, parent);
}

void close_to_others(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return;
  if ((status.st_mode & S_IRWXO) == 0 || status.st_uid != ::geteuid()) return;
  if (::chmod(path.c_str(), status.st_mode & 07777U & ~static_cast<mode_t>(S_IRWXO)) != 0) {
    return;  // a read-only file system: the directory above must protect it
  }
}

}  // namespace trustee::store
