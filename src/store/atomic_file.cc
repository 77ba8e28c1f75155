#include "store/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <thread>

#include "base/try.h"

namespace trustee::store {
namespace {

constexpr std::size_t kChunk = 64U << 10U;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr int kClockWaits = 100;
constexpr std::chrono::milliseconds kLockPause{1};
const std::string kTemporary = std::string(kOwnPrefix) + "new";

std::int64_t now_ns() {
  struct timespec t{};
  ::clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * kNanosPerSecond + t.tv_nsec;
}

/// The `times` argument of utimensat that leaves the access time alone.
std::array<struct timespec, 2> only_mtime(std::int64_t ns) {
  return {{{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
           {.tv_sec = ns / kNanosPerSecond, .tv_nsec = ns % kNanosPerSecond}}};
}

/// Takes the lock by asking again and again: flock(2) itself waits without end. Errors: busy, io.
Result<void> take_lock(const Fd& fd, int operation, const std::string& path,
                       std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(fd.get(), operation | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return io_error("lock directory", path, errno);
    if (std::chrono::steady_clock::now() >= end) {
      return Error(kv::Errc::busy, path + " is locked by somebody else");
    }
    std::this_thread::sleep_for(kLockPause);
  }
  return {};
}

}  // namespace

Result<void> check_size(Bytes value) {
  if (value.size() > kMaxValueBytes) return kv::Errc::too_large;
  return {};
}

Result<LockedDirectory> LockedDirectory::lock(const std::string& path, Lock mode,
                                              const StepHook& hook,
                                              std::chrono::milliseconds patience) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return io_error("open directory", path, errno);
  TRY_VOID(take_lock(fd, mode == Lock::shared ? LOCK_SH : LOCK_EX, path, patience));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return io_error("stat", path, errno);
  return LockedDirectory(std::move(fd), path, stamp_of(status).mtime_ns, hook);
}

void LockedDirectory::step(std::string_view name) const {
  if (*hook_) (*hook_)(name);
}

Result<bool> LockedDirectory::contains(const std::string& name) const {
  struct stat status{};
  if (::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  return io_error("stat", full(name), errno);
}

Result<std::optional<ByteVec>> LockedDirectory::read(const std::string& name,
                                                     std::size_t limit) const {
  return read_file(fd_.get(), name, limit).while_doing("reading in " + path_);
}

Result<std::optional<Stamp>> LockedDirectory::stamp(const std::string& name) const {
  return stamp_at(fd_.get(), name);
}

Result<RegularFiles> LockedDirectory::files() const {
  TRY(auto all, regular_files(path_));
  std::erase_if(all.names, is_own_name);
  return all;
}

Result<Fd> LockedDirectory::create(const std::string& name) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  step("create");
  Fd fd(::openat(fd_.get(), name.c_str(), kFlags, 0600));
  if (!fd.is_open() && errno == EEXIST) {
    TRY_VOID(unlink(name));  // a dead process left it: we hold the lock
    fd = Fd(::openat(fd_.get(), name.c_str(), kFlags, 0600));
  }
  if (!fd.is_open()) return change_error("create", full(name), errno);
  return fd;
}

Result<void> LockedDirectory::write(const Fd& fd, const std::string& name, Bytes content) {
  while (!content.empty()) {
    step("write");
    const Bytes chunk = content.first(std::min(kChunk, content.size()));
    const ssize_t n = ::write(fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("write", full(name), errno);
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> LockedDirectory::write_temporary(Bytes content, std::optional<std::int64_t> mtime_ns) {
  TRY(const Fd fd, create(kTemporary));
  TRY_VOID(write(fd, kTemporary, content));
  if (mtime_ns.has_value()) {
    step("touch");
    const auto times = only_mtime(*mtime_ns);
    if (::futimens(fd.get(), times.data()) != 0) return io_error("touch", full(kTemporary), errno);
  }
  return sync_file(fd, kTemporary);
}

Result<void> LockedDirectory::replace(const std::string& name, Bytes content,
                                      std::optional<std::int64_t> mtime_ns) {
  auto replaced = write_temporary(content, mtime_ns);
  if (replaced.ok()) replaced = rename(kTemporary, name);
  if (!replaced.ok()) {
    // It holds the whole content. The first failure is the one to report.
    (void)unlink(kTemporary);
    return replaced;
  }
  return sync();
}

Result<void> LockedDirectory::remove(const std::string& name) {
  TRY_VOID(unlink(name));
  return sync();
}

Result<void> LockedDirectory::write_new(const std::string& name, Bytes content, Sync sync) {
  TRY(const Fd fd, create(name));
  TRY_VOID(write(fd, name, content));
  if (sync == Sync::later) return {};
  return sync_file(fd, name);
}

Result<void> LockedDirectory::sync_file(const Fd& fd, const std::string& name) {
  step("sync");
  if (::fsync(fd.get()) != 0) return io_error("sync", full(name), errno);
  return {};
}

Result<void> LockedDirectory::sync_all() {
  step("sync");
  if (::syncfs(fd_.get()) != 0) return io_error("sync", path_, errno);
  return {};
}

Result<void> LockedDirectory::rename(const std::string& from, const std::string& to) {
  step("rename");
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0) {
    return change_error("rename to", full(to), errno);
  }
  return {};
}

Result<void> LockedDirectory::unlink(const std::string& name) {
  step("unlink");
  if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return change_error("remove", full(name), errno);
  }
  return {};
}

Result<void> LockedDirectory::sync() {
  step("sync");
  if (::fsync(fd_.get()) != 0) return io_error("sync", path_, errno);
  return {};
}

Result<void> LockedDirectory::advance_mtime() {
  step("touch");
  const std::int64_t before = std::exchange(mtime_ns_, std::max(now_ns(), mtime_ns_ + 1));
  const auto times = only_mtime(mtime_ns_);
  if (::futimens(fd_.get(), times.data()) == 0) return {};
  // Only the owner may name a time; who may write may say "now".
  if (errno == EPERM) return wait_for_clock(before);
  return io_error("touch", path_, errno);
}

Result<void> LockedDirectory::wait_for_clock(std::int64_t before) {
  for (int i = 0; i < kClockWaits; ++i) {
    struct stat status{};
    if (::futimens(fd_.get(), nullptr) != 0 || ::fstat(fd_.get(), &status) != 0) {
      return io_error("touch", path_, errno);
    }
    if (stamp_of(status).mtime_ns > before) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return {};  // the directory's time lies in the future; our own stamp still differs by ctime
}

Result<void> LockedDirectory::remove_leftovers() {
  TRY(const auto all, regular_files(path_));
  for (const std::string& name : all.names) {
    if (!is_own_name(name)) continue;
    auto removed = unlink(name);
    if (!removed.ok() && !removed.error().is(kv::Errc::not_writable)) return removed;
  }
  return {};
}

Result<bool> is_there(const std::string& path) {
  TRY(const auto stamp, stamp_at(AT_FDCWD, path));
  return stamp.has_value();
}

std::pair<std::string, std::string> split_path(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace trustee::store
