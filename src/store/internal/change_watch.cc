#include "store/internal/change_watch.h"

#include <fcntl.h>

#include <iterator>

#include "base/try.h"
#include "store/atomic_file.h"
#include "store/internal/nested.h"

namespace trustee::store {
namespace {

Result<std::vector<std::optional<Stamp>>> stamps_of(const std::string& dir,
                                                    const std::vector<std::string>& names) {
  std::vector<std::optional<Stamp>> out;
  out.reserve(names.size());
  for (const std::string& name : names) {
    TRY(auto stamp, stamp_at(AT_FDCWD, dir + "/" + name));
    out.push_back(stamp);
  }
  return out;
}

}  // namespace

Result<std::uint64_t> ChangeWatch::count() {
  MutexLock lock(mutex_);
  TRY(const auto dir, stamp_at(AT_FDCWD, path_));
  if (!dir.has_value()) return Error(kv::Errc::io, path_ + " is gone");
  if (*dir != dir_) {
    TRY_VOID(look_again(*dir));
    return count_;
  }
  // What cannot be looked at any more has changed, too.
  const auto stamps = stamps_of(path_, names_);
  if (!stamps.ok() || *stamps != stamps_) {
    TRY_VOID(look_again(*dir));
  }
  return count_;
}

Result<void> ChangeWatch::look_again(const Stamp& dir) {
  TRY(RegularFiles files, regular_files(path_));
  std::vector<std::string> names = std::move(files.names);
  std::erase_if(names, is_own_name);
  TRY(Nested nested, find_nested(path_));
  if (listed_) listed_();
  std::move(nested.keys.begin(), nested.keys.end(), std::back_inserter(names));
  if (names.size() > kWatchedFiles) names.clear();
  TRY(auto stamps, stamps_of(path_, names));
  for (auto& [name, stamp] : nested.directories) {
    names.push_back(std::move(name));
    stamps.emplace_back(stamp);
  }
  names_ = std::move(names);
  stamps_ = std::move(stamps);
  dir_ = dir;
  ++count_;
  return {};
}

}  // namespace trustee::store
