#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/try.h"
#include "kv/memory.h"

namespace trustee {

/// A namespace in memory that can fail, counts how often it was read, and may count several changes
/// between two looks as one, as stores of files do.
class WatchedNamespace final : public kv::Namespace {
 public:
  explicit WatchedNamespace(bool coalescing = false) : coalescing_(coalescing) {}

  Result<kv::Put> put(std::string_view key, Bytes value, kv::Overwrite overwrite) override {
    TRY_VOID(state());
    if (unwritable) return Error(kv::Errc::io, "full");
    return inner_->put(key, value, overwrite);
  }
  Result<void> put_all(std::span<const kv::Entry> entries) override {
    TRY_VOID(state());
    return inner_->put_all(entries);
  }
  Result<void> replace_all(std::span<const kv::Entry> entries) override {
    TRY_VOID(state());
    return inner_->replace_all(entries);
  }
  Result<std::optional<ByteVec>> get(std::string_view key) override {
    TRY_VOID(state());
    read += 1;
    if (key == unreadable) return Error(kv::Errc::io, "a bad block");
    return inner_->get(key);
  }
  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    TRY_VOID(state());
    return inner_->remove(key);
  }
  Result<std::vector<std::string>> list() override {
    TRY_VOID(state());
    return inner_->list();
  }
  Result<std::vector<kv::Entry>> entries() override {
    TRY_VOID(state());
    read_all += 1;
    return inner_->entries();
  }
  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    TRY_VOID(state());
    return inner_->compare_and_swap(key, expected, value);
  }
  Result<std::uint64_t> version() override {
    looks += 1;
    looks.notify_all();
    TRY_VOID(state());
    TRY(const std::uint64_t now, inner_->version());
    if (!coalescing_) return now;
    MutexLock lock(mutex_);
    if (now != last_) count_ += 1;
    last_ = now;
    return count_;
  }
  /// Waits for so many more calls of `version`.
  void await_looks(int more) const {
    const int goal = looks + more;
    for (int seen = looks; seen < goal; seen = looks) {
      looks.wait(seen);
    }
  }
  bool counts_each_change() const override { return !coalescing_; }

  std::atomic<bool> broken{false};      ///< every call fails
  std::atomic<bool> unwritable{false};  ///< `put` fails
  std::string unreadable;               ///< the key whose `get` fails; set while nobody calls
  std::atomic<int> looks{0};            ///< calls of `version`
  std::atomic<int> read{0};             ///< calls of `get`
  std::atomic<int> read_all{0};         ///< calls of `entries`

 private:
  Result<void> state() const {
    if (broken) return Error(kv::Errc::io, "pulled out");
    return {};
  }
  const bool coalescing_;
  std::shared_ptr<kv::Store> store_ = kv::create_memory_store();
  std::shared_ptr<kv::Namespace> inner_ = store_->open("x").value();
  Mutex mutex_;
  std::uint64_t last_ TRUSTEE_GUARDED_BY(mutex_) = 0;
  std::uint64_t count_ TRUSTEE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trustee
