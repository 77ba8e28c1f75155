#include "store/local_json.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/secret.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/utf8.h"
#include "kv/instances.h"
#include "store/internal/json_index.h"

namespace trustee::store {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<void> check_entry(std::string_view key, Bytes value) {
  if (!codec::is_utf8(as_bytes(key))) return Error(kv::Errc::invalid_key, "the key is not UTF-8");
  return check_size(value);
}

Result<std::optional<ByteVec>> value_in(const JsonEntries& entries, std::string_view key) {
  const auto found = entries.find(key);
  if (found == entries.end()) return std::optional<ByteVec>();
  auto value = codec::base64url_padded_decode(found->second);
  if (!value.ok()) {
    return Error(kv::Errc::malformed, "malformed value: `" + std::string(key) + "` is no base64");
  }
  return std::optional(std::move(value).value());
}

class LocalJsonNamespace final : public kv::Namespace {
 public:
  static Result<std::shared_ptr<kv::Namespace>> open(const std::string& path, StepHook hook) {
    auto [dir, name] = split_path(path);
    if (is_own_name(name)) return kv::Errc::invalid_namespace;
    TRY_VOID(make_directories(dir));
    auto space = std::make_shared<LocalJsonNamespace>(dir, name, std::move(hook));
    TRY_VOID(space->create_file());
    close_to_others(path);
    return std::shared_ptr<kv::Namespace>(std::move(space));
  }

  LocalJsonNamespace(std::string dir, std::string name, StepHook hook)
      : dir_(std::move(dir)),
        name_(std::move(name)),
        hook_(std::move(hook)),
        index_(dir_ + "/" + name_) {}

  Result<kv::Put> put(std::string_view key, Bytes value, kv::Overwrite overwrite) override {
    TRY_VOID(check_entry(key, value));
    TRY(auto dir, lock());
    TRY(const auto now, index_.load());
    if (overwrite == kv::Overwrite::no && now.entries->contains(key)) {
      return kv::Put::already_exists;
    }
    JsonEntries next = *now.entries;
    next.insert_or_assign(std::string(key), codec::base64url_padded_encode(value));
    TRY_VOID(store(dir, now.stamp, std::move(next)));
    return kv::Put::inserted;
  }

  Result<void> put_all(std::span<const kv::Entry> entries) override {
    if (entries.empty()) return {};
    TRY(auto dir, lock());
    TRY(const auto now, index_.load());
    TRY(auto next, with(*now.entries, entries));
    return store(dir, now.stamp, std::move(next));
  }

  Result<void> replace_all(std::span<const kv::Entry> entries) override {
    TRY(auto next, with({}, entries));
    TRY(auto dir, lock());
    // What cannot be parsed may be replaced: its stamp is all that is needed.
    TRY(const auto stamp, dir.stamp(name_));
    return store(dir, stamp.value_or(Stamp{}), std::move(next));
  }

  Result<std::optional<ByteVec>> get(std::string_view key) override {
    TRY(const auto now, index_.load());
    return value_in(*now.entries, key);
  }

  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    TRY(auto dir, lock());
    TRY(const auto now, index_.load());
    TRY(auto old, value_in(*now.entries, key));
    if (!old.has_value()) return old;
    JsonEntries next = *now.entries;
    next.erase(next.find(key));
    TRY_VOID(store(dir, now.stamp, std::move(next)));
    return old;
  }

  Result<std::vector<std::string>> list() override {
    TRY(const auto now, index_.load());
    std::vector<std::string> keys;
    keys.reserve(now.entries->size());
    for (const auto& [key, text] : *now.entries) {
      keys.push_back(key);
    }
    return keys;
  }

  Result<std::vector<kv::Entry>> entries() override {
    TRY(const auto now, index_.load());
    std::vector<kv::Entry> out;
    out.reserve(now.entries->size());
    for (const auto& [key, text] : *now.entries) {
      TRY(auto value, value_in(*now.entries, key));
      out.push_back({key, *std::move(value)});
    }
    return out;
  }

  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    TRY_VOID(check_entry(key, value));
    TRY(auto dir, lock());
    TRY(const auto now, index_.load());
    TRY(const auto stored, value_in(*now.entries, key));
    if (stored.has_value() != expected.has_value()) return false;
    if (stored.has_value() && !equal(*stored, *expected)) return false;
    JsonEntries next = *now.entries;
    next.insert_or_assign(std::string(key), codec::base64url_padded_encode(value));
    TRY_VOID(store(dir, now.stamp, std::move(next)));
    return true;
  }

  Result<std::uint64_t> version() override {
    TRY(const auto now, index_.load());
    return now.version;
  }
  std::vector<std::string> directories() const override { return {dir_}; }

 private:
  Result<LockedDirectory> lock() { return LockedDirectory::lock(dir_, Lock::exclusive, hook_); }

  /// `{}` where there is no file and one can be made; away with what a dead process left.
  Result<void> create_file() {
    TRY(auto dir, lock());
    TRY_VOID(dir.remove_leftovers());
    if (::access(dir_.c_str(), W_OK) != 0) {
      index_.may_be_absent();
      return {};
    }
    TRY(const bool there, dir.contains(name_));
    if (there) return {};
    return dir.replace(name_, as_bytes("{}"));
  }

  static Result<JsonEntries> with(JsonEntries entries, std::span<const kv::Entry> changes) {
    for (const kv::Entry& e : changes) {
      TRY_VOID(check_entry(e.key, e.value));
      entries.insert_or_assign(e.key, codec::base64url_padded_encode(e.value));
    }
    return entries;
  }

  /// Writes the file with a later modification time than `before` has, however coarse the file
  /// system's clock is: the stamp is what readers go by.
  Result<void> store(LockedDirectory& dir, const Stamp& before, JsonEntries next) {
    TRY(std::string text, write_json_entries(next));
    const std::int64_t mtime_ns = std::max(now_ns(), before.mtime_ns + 1);
    const auto size = static_cast<std::int64_t>(text.size());
    auto written = dir.replace(name_, as_bytes(text), mtime_ns);
    wipe(text.data(), text.size());
    TRY_VOID(std::move(written));
    TRY(const auto stamp, dir.stamp(name_));
    // Another program may have put a file of its own there since: then the next look reads it.
    const bool ours = stamp.has_value() && stamp->mtime_ns == mtime_ns && stamp->size == size;
    if (ours) index_.replace(std::move(next), *stamp);
    return {};
  }

  std::string dir_;
  std::string name_;
  StepHook hook_;
  JsonIndex index_;
};

class LocalJson final : public kv::Store {
 public:
  explicit LocalJson(LocalJsonOptions options) : options_(std::move(options)) {}

  Result<std::shared_ptr<kv::Namespace>> open(std::string_view name) override {
    return instances_.get(name, [this](const std::string& n) {
      return LocalJsonNamespace::open(options_.file_dir_path + "/" + n, options_.before_step)
          .while_doing("opening namespace " + n);
    });
  }
  Result<std::vector<kv::Content>> read_all(std::span<const std::string> names) override {
    return kv::read_each(*this, names);
  }
  std::string_view kind() const override { return "local_json"; }

 private:
  LocalJsonOptions options_;
  kv::Instances<kv::Namespace> instances_;
};

}  // namespace

Result<std::shared_ptr<kv::Store>> create_local_json(LocalJsonOptions options) {
  if (options.file_dir_path.empty()) {
    return Error(kv::Errc::configuration, "file_dir_path is empty");
  }
  TRY_VOID(make_directories(options.file_dir_path));
  return std::shared_ptr<kv::Store>(std::make_shared<LocalJson>(std::move(options)));
}

}  // namespace trustee::store
