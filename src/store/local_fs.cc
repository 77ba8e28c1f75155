#include "store/local_fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "base/try.h"
#include "kv/instances.h"
#include "store/internal/batch.h"
#include "store/internal/change_watch.h"
#include "store/internal/nested.h"

namespace trustee::store {
namespace {

constexpr std::string_view kSlash = "\\x2F";
constexpr std::size_t kMaxFileName = 255;

std::string file_name_of(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '/') {
      out += kSlash;
    } else {
      out += c;
    }
  }
  return out;
}

/// The key a file name stands for, or nothing when it is not the name of an entry.
std::optional<std::string> key_of(std::string_view file_name) {
  std::string key;
  while (!file_name.empty()) {
    if (file_name.starts_with(kSlash)) {
      key += '/';
      file_name.remove_prefix(kSlash.size());
    } else {
      key += file_name.front();
      file_name.remove_prefix(1);
    }
  }
  if (!kv::check_key(key).ok()) return std::nullopt;
  return key;
}

bool names_a_directory(std::string_view key) { return key.empty() || key == "." || key == ".."; }

/// The file for a key to be written. Errors: invalid_key.
Result<std::string> writable_name(std::string_view key) {
  TRY_VOID(kv::check_key(key));
  if (names_a_directory(key)) return kv::Errc::invalid_key;
  std::string name = file_name_of(key);
  if (name.size() > kMaxFileName) {
    return Error(kv::Errc::invalid_key, "the key is too long for a file name");
  }
  return name;
}

/// The file for a key to be read, or nothing when no file can hold the key. Errors: io for the
/// names of directories: upstream's answer to them is a read error, not "absent".
Result<std::optional<std::string>> readable_name(std::string_view key) {
  if (names_a_directory(key)) return Error(kv::Errc::io, "the key names a directory");
  auto name = writable_name(key);
  if (!name.ok()) return std::optional<std::string>();
  return std::optional(std::move(name).value());
}

class LocalFsNamespace final : public kv::Namespace {
 public:
  /// Creates the directory when there is none, and clears away what a dead process left.
  static Result<std::shared_ptr<kv::Namespace>> open(std::string path, StepHook hook,
                                                     Notice notice) {
    TRY_VOID(make_directories(path));
    auto space =
        std::make_shared<LocalFsNamespace>(std::move(path), std::move(hook), std::move(notice));
    TRY(auto dir, space->lock(Lock::exclusive));
    TRY_VOID(dir.remove_leftovers());
    return std::shared_ptr<kv::Namespace>(std::move(space));
  }

  LocalFsNamespace(std::string path, StepHook hook, Notice notice)
      : path_(std::move(path)),
        journal_(journal_path(path_)),
        hook_(std::move(hook)),
        notice_(std::move(notice)),
        watch_(path_) {}

  Result<kv::Put> put(std::string_view key, Bytes value, kv::Overwrite overwrite) override {
    TRY(const auto name, writable_name(key));
    TRY_VOID(check_size(value));
    TRY(auto dir, lock(Lock::exclusive));
    if (overwrite == kv::Overwrite::no) {
      TRY(const bool there, dir.contains(name));
      if (there) return kv::Put::already_exists;
      TRY(const bool nested, has_nested(key));
      if (nested) return kv::Put::already_exists;
    }
    TRY_VOID(dir.replace(name, value));
    TRY_VOID(dir.advance_mtime());
    return kv::Put::inserted;
  }

  Result<void> put_all(std::span<const kv::Entry> entries) override {
    if (entries.empty()) return {};
    TRY(const auto files, files_of(entries));
    TRY(auto dir, lock(Lock::exclusive));
    TRY_VOID(apply_batch(dir, files, {}));
    return dir.advance_mtime();
  }

  Result<void> replace_all(std::span<const kv::Entry> entries) override {
    TRY(const auto files, files_of(entries));
    std::set<std::string> kept;
    for (const kv::Entry& file : files) {
      kept.insert(file.key);
    }
    TRY(auto dir, lock(Lock::exclusive));
    TRY(const Nested nested, find_nested(path_));
    TRY(RegularFiles own, dir.files());
    const std::vector<std::string> unreadable = unreadable_in(own, nested);
    for (const auto* others : {&nested.keys, &unreadable}) {
      if (others->empty()) continue;
      return Error(kv::Errc::not_writable,
                   path_ + " holds directories of others, e.g. " + others->front());
    }
    std::erase_if(own.names, [&](const auto& n) { return kept.contains(n) || !key_of(n); });
    TRY_VOID(apply_batch(dir, files, std::move(own.names)));
    return dir.advance_mtime();
  }

  Result<std::optional<ByteVec>> get(std::string_view key) override {
    TRY(const auto name, readable_name(key));
    if (!name.has_value()) return std::optional<ByteVec>();
    TRY_VOID(settle());
    TRY(auto value, read_entry(*name, key));
    if (!value.has_value() && ::access(path_.c_str(), F_OK) != 0) {
      return io_error("find directory", path_, errno);
    }
    return value;
  }

  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    TRY(const auto name, readable_name(key));
    if (!name.has_value()) return std::optional<ByteVec>();
    TRY(auto dir, lock(Lock::exclusive));
    TRY(auto old, read_entry(*name, key));
    if (old.has_value()) {
      TRY_VOID(remove_nested(key));
      TRY_VOID(dir.remove(*name));
      TRY_VOID(dir.advance_mtime());
    }
    return old;
  }

  Result<std::vector<std::string>> list() override {
    TRY(const auto dir, lock(Lock::shared));
    return keys_in(dir);
  }

  Result<std::vector<kv::Entry>> entries() override {
    TRY(const auto dir, lock(Lock::shared));
    TRY(auto keys, keys_in(dir));
    std::vector<kv::Entry> out;
    for (std::string& key : keys) {
      TRY(auto value, read_entry(file_name_of(key), key));
      // Gone between the two looks: another program removed it without our lock.
      if (value.has_value()) out.push_back({std::move(key), *std::move(value)});
    }
    return out;
  }

  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    TRY(const auto name, writable_name(key));
    TRY_VOID(check_size(value));
    TRY(auto dir, lock(Lock::exclusive));
    TRY(const auto stored, read_entry(name, key));
    if (stored.has_value() != expected.has_value()) return false;
    if (stored.has_value() && !equal(*stored, *expected)) return false;
    TRY_VOID(dir.replace(name, value));
    TRY_VOID(dir.advance_mtime());
    return true;
  }

  Result<std::uint64_t> version() override { return watch_.count(); }
  std::vector<std::string> directories() const override { return {path_}; }

 private:
  /// The batch as files: keys become names, of equal keys the last stays. Errors: invalid_key.
  static Result<std::vector<kv::Entry>> files_of(std::span<const kv::Entry> entries) {
    std::vector<kv::Entry> files;
    std::set<std::string> seen;
    for (auto e = entries.rbegin(); e != entries.rend(); ++e) {
      TRY(const auto name, writable_name(e->key));
      TRY_VOID(check_size(e->value));
      if (seen.insert(name).second) files.push_back({name, e->value});
    }
    return files;
  }

  /// The entry's own file; else the nested one.
  Result<std::optional<ByteVec>> read_entry(const std::string& name, std::string_view key) const {
    TRY(auto value, read_file(AT_FDCWD, path_ + "/" + name, kMaxValueBytes));
    const auto nested = nested_path(path_, key);
    if (value.has_value() || !nested.has_value()) return value;
    return read_file(AT_FDCWD, *nested, kMaxValueBytes);
  }

  Result<bool> has_nested(std::string_view key) const {
    const auto nested = nested_path(path_, key);
    if (!nested.has_value()) return false;
    struct stat status{};
    if (::stat(nested->c_str(), &status) == 0) return S_ISREG(status.st_mode);
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return io_error("stat", *nested, errno);
  }

  Result<void> remove_nested(std::string_view key) const {
    TRY(const bool there, has_nested(key));
    if (!there) return {};
    const std::string nested = nested_path(path_, key).value_or("");
    const auto [parent, name] = split_path(nested);
    // Opened first: what cannot be synced is not removed.
    const Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open()) return io_error("open directory", parent, errno);
    step("unlink");
    if (::unlinkat(fd.get(), name.c_str(), 0) != 0) {
      if (errno == ENOENT) return {};
      return change_error("remove", nested, errno);
    }
    step("sync");
    if (::fsync(fd.get()) != 0) return io_error("sync", parent, errno);
    return {};
  }

  void step(std::string_view name) const {
    if (hook_) hook_(name);
  }

  /// Each key once, whether its file is our own, nested, or both.
  Result<std::vector<std::string>> keys_in(const LockedDirectory& dir) {
    TRY(const RegularFiles own, dir.files());
    TRY(const Nested nested, find_nested(path_));
    TRY_VOID(tell(unreadable_in(own, nested)));
    std::set<std::string> keys(nested.keys.begin(), nested.keys.end());
    for (const std::string& name : own.names) {
      if (auto key = key_of(name); key.has_value()) keys.insert(*std::move(key));
    }
    return std::vector<std::string>(keys.begin(), keys.end());
  }

  /// What may be entries and cannot be looked at: paths, each once, with why.
  static std::vector<std::string> unreadable_in(const RegularFiles& own, const Nested& nested) {
    std::set<std::string> out(nested.unreadable.begin(), nested.unreadable.end());
    for (const RegularFiles::Unreadable& file : own.unreadable) {
      if (key_of(file.name)) out.insert(file.why);
    }
    return {out.begin(), out.end()};
  }

  /// What cannot be read does not keep the others from being served, if somebody is told: once,
  /// until it is another.
  Result<void> tell(const std::vector<std::string>& unreadable) {
    MutexLock lock(told_mutex_);
    if (unreadable == told_) return {};
    if (!unreadable.empty() && !notice_) return Error(kv::Errc::io, unreadable.front());
    for (const std::string& what : unreadable) {
      notice_("what lies there is not served: " + what);
    }
    told_ = unreadable;
    return {};
  }

  /// The directory, locked, with no batch pending.
  Result<LockedDirectory> lock(Lock mode) {
    while (true) {
      {
        TRY(auto dir, LockedDirectory::lock(path_, mode, hook_));
        TRY(const bool pending, batch_pending(dir));
        if (!pending) return dir;
        if (mode == Lock::exclusive) {
          TRY_VOID(finish_batch(dir));
          TRY_VOID(dir.advance_mtime());
          return dir;
        }
      }
      TRY_VOID(lock(Lock::exclusive));
    }
  }

  /// Carries out what a dead process left half done, or waits for who is at it: a reader never sees
  /// a batch in part.
  Result<void> settle() {
    if (::access(journal_.c_str(), F_OK) != 0) {
      if (errno == ENOENT) return {};
      return io_error("find", journal_, errno);
    }
    TRY(const auto dir, lock(Lock::exclusive));
    return {};
  }

  std::string path_;
  std::string journal_;
  StepHook hook_;
  Notice notice_;
  ChangeWatch watch_;
  Mutex told_mutex_;
  std::vector<std::string> told_ TRUSTEE_GUARDED_BY(told_mutex_);
};

class LocalFs final : public kv::Store {
 public:
  explicit LocalFs(LocalFsOptions options) : options_(std::move(options)) {}

  Result<std::shared_ptr<kv::Namespace>> open(std::string_view name) override {
    return instances_.get(name, [this](const std::string& n) {
      const std::string path = options_.dir_path + "/" + n;
      auto space = LocalFsNamespace::open(path, options_.before_step, options_.notice)
                       .while_doing("opening namespace " + n);
      if (space.ok()) close_to_others(path);
      return space;
    });
  }
  Result<std::vector<kv::Content>> read_all(std::span<const std::string> names) override {
    return kv::read_each(*this, names);
  }
  std::string_view kind() const override { return "local_fs"; }

 private:
  LocalFsOptions options_;
  kv::Instances<kv::Namespace> instances_;
};

}  // namespace

Result<std::shared_ptr<kv::Store>> create_local_fs(LocalFsOptions options) {
  if (options.dir_path.empty()) return Error(kv::Errc::configuration, "dir_path is empty");
  TRY_VOID(make_directories(options.dir_path));
  return std::shared_ptr<kv::Store>(std::make_shared<LocalFs>(std::move(options)));
}

Result<std::shared_ptr<kv::Namespace>> open_local_fs_directory(std::string path, Notice notice) {
  if (path.empty()) return Error(kv::Errc::configuration, "the path is empty");
  return LocalFsNamespace::open(std::move(path), {}, std::move(notice));
}

}  // namespace trustee::store
