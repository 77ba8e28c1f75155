#include "store/single_file.h"

#include <fcntl.h>

#include <tuple>
#include <utility>

#include "base/mutex.h"
#include "base/try.h"
#include "store/atomic_file.h"

namespace trustee::store {
namespace {

class SingleFile final : public kv::Namespace {
 public:
  SingleFile(std::string path, std::string key) : path_(std::move(path)), key_(std::move(key)) {
    std::tie(dir_, name_) = split_path(path_);
  }

  Result<kv::Put> put(std::string_view key, Bytes value, kv::Overwrite overwrite) override {
    TRY_VOID(check(key));
    TRY_VOID(check_size(value));
    TRY_VOID(make_directories(dir_));
    TRY(auto dir, lock());
    TRY(const bool there, dir.contains(name_));
    if (there && overwrite == kv::Overwrite::no) return kv::Put::already_exists;
    TRY_VOID(dir.replace(name_, value));
    return kv::Put::inserted;
  }
  Result<void> put_all(std::span<const kv::Entry> entries) override {
    for (const kv::Entry& entry : entries) {
      TRY_VOID(check(entry.key));
      TRY_VOID(check_size(entry.value));
    }
    if (entries.empty()) return {};
    TRY_VOID(put(key_, entries.back().value, kv::Overwrite::yes));
    return {};
  }
  Result<void> replace_all(std::span<const kv::Entry> entries) override {
    if (!entries.empty()) return put_all(entries);
    TRY_VOID(remove(key_));
    return {};
  }
  Result<std::optional<ByteVec>> get(std::string_view key) override {
    if (key != key_) return std::optional<ByteVec>();
    return read_file(AT_FDCWD, path_, kMaxValueBytes);
  }
  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    if (key != key_) return std::optional<ByteVec>();
    TRY(const bool there, is_there(path_));
    if (!there) return std::optional<ByteVec>();  // nor need there be a directory to lock
    TRY(auto dir, lock());
    TRY(auto old, get(key));
    if (old.has_value()) {
      TRY_VOID(dir.remove(name_));
    }
    return old;
  }
  Result<std::vector<std::string>> list() override {
    TRY(const auto value, get(key_));
    return value.has_value() ? std::vector<std::string>{key_} : std::vector<std::string>();
  }
  Result<std::vector<kv::Entry>> entries() override {
    TRY(auto value, get(key_));
    std::vector<kv::Entry> out;
    if (value.has_value()) out.push_back({key_, std::move(*value)});
    return out;
  }
  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    TRY_VOID(check(key));
    TRY_VOID(check_size(value));
    TRY_VOID(make_directories(dir_));
    TRY(auto dir, lock());
    TRY(const auto stored, get(key));
    if (stored.has_value() != expected.has_value()) return false;
    if (stored.has_value() && !equal(*stored, *expected)) return false;
    TRY_VOID(dir.replace(name_, value));
    return true;
  }
  Result<std::uint64_t> version() override {
    MutexLock lock(mutex_);
    TRY(const auto stamp, stamp_at(AT_FDCWD, path_));
    if (version_ == 0 || stamp != seen_) ++version_;
    seen_ = stamp;
    return version_;
  }
  std::vector<std::string> directories() const override { return {dir_}; }

 private:
  Result<void> check(std::string_view key) const {
    if (key == key_) return {};
    return Error(kv::Errc::invalid_key, path_ + " holds nothing but `" + key_ + "`");
  }
  Result<LockedDirectory> lock() const {
    static const StepHook kNoHook;
    return LockedDirectory::lock(dir_, Lock::exclusive, kNoHook);
  }

  const std::string path_;
  const std::string key_;
  std::string dir_;
  std::string name_;
  Mutex mutex_;
  std::uint64_t version_ TRUSTEE_GUARDED_BY(mutex_) = 0;
  std::optional<Stamp> seen_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace

Result<std::shared_ptr<kv::Namespace>> open_single_file(std::string path, std::string key) {
  if (path.empty()) return Error(kv::Errc::configuration, "the path is empty");
  return std::shared_ptr<kv::Namespace>(
      std::make_shared<SingleFile>(std::move(path), std::move(key)));
}

Result<std::shared_ptr<kv::Namespace>> open_first_file(const std::vector<std::string>& paths,
                                                       std::string key) {
  for (const std::string& path : paths) {
    TRY(const bool there, is_there(path));
    if (there) return open_single_file(path, std::move(key));
  }
  return open_single_file(paths.empty() ? "" : paths.front(), std::move(key));
}

}  // namespace trustee::store
