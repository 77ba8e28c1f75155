#include "apps/trustee/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/try.h"
#include "codec/hex.h"
#include "crypto/random.h"
#include "reload/errors.h"

namespace trustee::apps {
namespace {

constexpr std::string_view kUnfinished = ".next";
constexpr std::size_t kRandom = 8;
constexpr std::chrono::hours kAbandoned{1};

Error trouble(const std::string& path) {
  return Error(reload::Errc::file_unreadable, path + ": " + std::strerror(errno));
}

Result<void> write_all(int fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return trouble(path);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return trouble(path);
  return {};
}

/// Of this write alone, whichever processes write the same file.
std::string unfinished_name(const std::string& path) {
  return path + '.' + codec::hex_encode(crypto::random_vec(kRandom)) + std::string(kUnfinished);
}

bool is_unfinished(std::string_view name, const std::string& target) {
  if (!name.starts_with(target + '.') || !name.ends_with(kUnfinished)) return false;
  name.remove_prefix(std::min(target.size() + 1, name.size() - kUnfinished.size()));
  name.remove_suffix(kUnfinished.size());
  const auto random = codec::hex_decode(name);
  return random.ok() && random->size() == kRandom;
}

/// Unfinished files for `path` that nobody writes any more. As far as that goes: what cannot be
/// looked at or removed stays.
void remove_abandoned(const std::string& path) {
  const std::filesystem::path target(path);
  const std::filesystem::path parent = target.parent_path();
  const auto latest = std::filesystem::file_time_type::clock::now() - kAbandoned;
  std::error_code failed;
  std::filesystem::directory_iterator it(parent.empty() ? std::filesystem::path(".") : parent,
                                         failed);
  for (; !failed && it != std::filesystem::directory_iterator(); it.increment(failed)) {
    if (!is_unfinished(it->path().filename().native(), target.filename().native())) continue;
    std::error_code unknown;
    const auto written = it->last_write_time(unknown);
    if (!unknown && written < latest) ::unlink(it->path().c_str());
  }
}

/// The content in a file of its own, mode 0600, on its way to `path`: what stands there is
/// whole, whenever the process dies, whoever else writes it. Returns the file's path.
Result<std::string> write_beside(const std::string& path, std::string_view content) {
  remove_abandoned(path);
  std::string next = unfinished_name(path);
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return trouble(next);
  auto written = write_all(fd, next, content);
  ::close(fd);
  if (written.ok()) return next;
  ::unlink(next.c_str());
  return std::move(written).error();
}

}  // namespace

Result<void> create_private_file(const std::string& path, std::string_view content) {
  TRY(const std::string next, write_beside(path, content));
  const bool linked = ::link(next.c_str(), path.c_str()) == 0;  // never over another file
  const Error why = trouble(path);
  ::unlink(next.c_str());
  if (!linked) return why;
  return {};
}

Result<void> replace_private_file(const std::string& path, std::string_view content) {
  TRY(const std::string next, write_beside(path, content));
  if (::rename(next.c_str(), path.c_str()) == 0) return {};
  const Error why = trouble(path);
  ::unlink(next.c_str());
  return why;
}

Result<void> check_output(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return {};
  return Error(reload::Errc::material_invalid,
               path + " is no regular file; the output would take its place");
}

}  // namespace trustee::apps
