#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "kv/errors.h"

namespace trustee::store {

/// An open file descriptor, closed when it goes.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// What tells one state of a file or directory from another without reading it.
struct Stamp {
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp stamp_of(const struct stat& status);
/// The stamp of `name` in `dir_fd`, links followed; nothing when there is none. Errors: io.
Result<std::optional<Stamp>> stamp_at(int dir_fd, const std::string& name);

/// kv::Errc::not_writable when a read-only file system or its permissions forbid a change, else io;
/// with what was tried, on what, and the system's reason.
Error change_error(std::string_view tried, std::string_view path, int error_number);
/// kv::Errc::io with what was tried, on what, and the system's reason.
Error io_error(std::string_view tried, std::string_view path, int error_number);

/// The whole of regular file `name` in `dir_fd` (AT_FDCWD: a path), links followed; nothing when
/// there is none or it is a directory. Errors: too_large above `limit` bytes; io, also for what is
/// neither.
Result<std::optional<ByteVec>> read_file(int dir_fd, const std::string& name, std::size_t limit);

/// What a file held under a stamp. A change that came while it was read shows in the next stamp.
struct Settled {
  std::optional<ByteVec> content;
  std::optional<Stamp> stamp;
};
/// As `read_file`, read again for some times while another program writes it in place. `between`:
/// for tests, called after each read. Errors: as read_file.
Result<Settled> read_settled(const std::string& path, std::size_t limit,
                             const std::function<void()>& between = {});

/// The regular files of a directory, links followed.
struct RegularFiles {
  struct Unreadable {
    std::string name;
    std::string why;  ///< the path and the system's reason
  };
  std::vector<std::string> names;
  std::vector<Unreadable> unreadable;  ///< of which it cannot be told whether they are files
};
/// Errors: io where directory `path` itself cannot be read.
Result<RegularFiles> regular_files(const std::string& path);
/// Whether the system's reason says that nothing is there: it vanished since, or leads nowhere.
bool leads_nowhere(int error_number);

/// Makes sure that `path` is a directory. What is missing of it is created with mode 0700 and
/// synced into its parent; what was there keeps its mode. Errors: io.
Result<void> make_directories(const std::string& path);

/// Takes the permissions of "others" from a file or directory of ours; leaves what is not ours or
/// cannot be changed as it is.
void close_to_others(const std::string& path);

}  // namespace trustee::store
