#include "store/internal/nested.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

class Finder {
 public:
  explicit Finder(std::string root) : root_(std::move(root)) {}

  Result<Nested> find() && {
    std::error_code failure;
    TRY_VOID(read("", 0, failure));
    if (failure && !leads_nowhere(failure.value())) {
      return io_error("read directory", root_, failure.value());
    }
    return std::move(out_);
  }

 private:
  std::string path_of(const std::string& name) const { return root_ + "/" + name; }

  void note(const std::string& name, const std::error_code& why) {
    if (!leads_nowhere(why.value()))
      out_.unreadable.push_back(path_of(name) + ": " + why.message());
  }

  /// `prefix`: the directory's name with a slash, or nothing for the root.
  Result<void> read(const std::string& prefix, std::size_t depth, std::error_code& failure) {
    fs::directory_iterator entries(path_of(prefix), failure);
    for (; !failure && entries != fs::directory_iterator(); entries.increment(failure)) {
      const std::string name = entries->path().filename().string();
      if (!may_be_part(name) || !kv::check_key(name).ok()) continue;
      std::error_code unknown;
      const fs::file_status status = entries->status(unknown);
      if (unknown) {
        note(prefix + name, unknown);
      } else if (fs::is_directory(status)) {
        if (depth < kMaxNesting) TRY_VOID(look_into(prefix + name, depth + 1));
      } else if (depth > 0 && fs::is_regular_file(status)) {
        out_.keys.push_back(prefix + name);
      }
    }
    return {};
  }

  Result<void> look_into(const std::string& name, std::size_t depth) {
    if (out_.directories.size() == kMaxNestedDirectories) {
      return Error(kv::Errc::too_large, root_ + ": too many directories");
    }
    struct stat status{};
    if (::stat(path_of(name).c_str(), &status) != 0) {
      note(name, {errno, std::generic_category()});
      return {};
    }
    out_.directories.push_back({name, stamp_of(status)});
    // Who may list it, and not pass through, would see names of files that cannot be opened.
    std::error_code failure;
    if (::faccessat(AT_FDCWD, path_of(name).c_str(), R_OK | X_OK, AT_EACCESS) != 0) {
      failure = {errno, std::generic_category()};
    } else {
      TRY_VOID(read(name + "/", depth, failure));
    }
    if (failure) note(name, failure);
    return {};
  }

  const std::string root_;
  Nested out_;
};

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

Result<Nested> find_nested(const std::string& dir) { return Finder(dir).find(); }

}  // namespace trustee::store
