#include "store/internal/nested.h"

#include <filesystem>
#include <system_error>

#include "base/try.h"
#include "kv/store.h"
#include "store/atomic_file.h"

namespace trustee::store {
namespace {

namespace fs = std::filesystem;

bool may_be_part(std::string_view name) {
  return !name.empty() && name != "." && !name.starts_with("..") && !is_own_name(name);
}

Error unreadable(const std::string& path, const std::error_code& why) {
  return io_error("read directory", path, why.value());
}

Result<void> look_into(const fs::path& dir, const std::string& prefix, std::size_t depth,
                       Nested& out) {
  std::error_code failure;
  fs::directory_iterator entries(dir, failure);
  for (; !failure && entries != fs::directory_iterator(); entries.increment(failure)) {
    const std::string name = entries->path().filename().string();
    if (!may_be_part(name) || !kv::check_key(name).ok()) continue;
    // What vanished since, or leads nowhere, is neither.
    std::error_code gone;
    if (entries->is_directory(gone)) {
      if (depth == kMaxNesting) continue;
      if (out.directories.size() == kMaxNestedDirectories) {
        return Error(kv::Errc::too_large, dir.string() + ": too many directories");
      }
      out.directories.push_back(prefix + name);
      TRY_VOID(look_into(entries->path(), prefix + name + "/", depth + 1, out));
    } else if (depth > 0 && entries->is_regular_file(gone)) {
      out.keys.push_back(prefix + name);
    }
  }
  if (failure == std::errc::no_such_file_or_directory) return {};
  if (failure) return unreadable(dir.string(), failure);
  return {};
}

}  // namespace

std::optional<std::string> nested_path(const std::string& dir, std::string_view key) {
  std::string out = dir;
  std::size_t levels = 0;
  for (std::string_view rest = key; levels <= kMaxNesting; ++levels) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (!may_be_part(part)) return std::nullopt;
    out.append("/").append(part);
    if (slash == std::string_view::npos) {
      return levels == 0 ? std::nullopt : std::optional(std::move(out));
    }
    rest.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

Result<Nested> find_nested(const std::string& dir) {
  Nested out;
  TRY_VOID(look_into(dir, "", 0, out));
  return out;
}

}  // namespace trustee::store
