#include "kv/memory.h"

#include <map>
#include <utility>

#include "base/mutex.h"
#include "base/wiped.h"
#include "kv/instances.h"

namespace trustee::kv {
namespace {

class MemoryNamespace final : public Namespace {
 public:
  Result<Put> put(std::string_view key, Bytes value, Overwrite overwrite) override {
    MutexLock lock(mutex_);
    const auto found = values_.find(key);
    if (found != values_.end()) {
      if (overwrite == Overwrite::no) return Put::already_exists;
      found->second = wiped_copy(value);
    } else {
      values_.emplace(std::string(key), wiped_copy(value));
    }
    ++version_;
    return Put::inserted;
  }

  Result<void> put_all(std::span<const Entry> entries) override {
    if (entries.empty()) return {};
    MutexLock lock(mutex_);
    for (const Entry& e : entries) {
      values_.insert_or_assign(e.key, wiped_copy(e.value));
    }
    ++version_;
    return {};
  }

  Result<void> replace_all(std::span<const Entry> entries) override {
    Values next;
    for (const Entry& e : entries) {
      next.insert_or_assign(e.key, wiped_copy(e.value));
    }
    MutexLock lock(mutex_);
    values_.swap(next);
    ++version_;
    return {};
  }

  Result<std::optional<ByteVec>> get(std::string_view key) override {
    MutexLock lock(mutex_);
    const auto found = values_.find(key);
    if (found == values_.end()) return std::optional<ByteVec>();
    return std::optional(to_vec(found->second));
  }

  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    MutexLock lock(mutex_);
    const auto found = values_.find(key);
    if (found == values_.end()) return std::optional<ByteVec>();
    std::optional<ByteVec> old(to_vec(found->second));
    values_.erase(found);
    ++version_;
    return old;
  }

  Result<std::vector<std::string>> list() override {
    MutexLock lock(mutex_);
    std::vector<std::string> keys;
    keys.reserve(values_.size());
    for (const auto& [key, value] : values_) {
      keys.push_back(key);
    }
    return keys;
  }

  Result<std::vector<Entry>> entries() override {
    MutexLock lock(mutex_);
    std::vector<Entry> out;
    out.reserve(values_.size());
    for (const auto& [key, value] : values_) {
      out.push_back({key, to_vec(value)});
    }
    return out;
  }

  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    MutexLock lock(mutex_);
    const auto stored = values_.find(key);
    if ((stored != values_.end()) != expected.has_value()) return false;
    if (expected.has_value() && !equal(stored->second, *expected)) return false;
    values_.insert_or_assign(std::string(key), wiped_copy(value));
    ++version_;
    return true;
  }

  Result<std::uint64_t> version() override {
    MutexLock lock(mutex_);
    return version_;
  }
  bool counts_each_change() const override { return true; }

 private:
  // What is replaced, removed or lost with the store leaves nothing behind.
  using Values = std::map<std::string, WipedVec, std::less<>>;

  mutable Mutex mutex_;
  Values values_ TRUSTEE_GUARDED_BY(mutex_);
  std::uint64_t version_ TRUSTEE_GUARDED_BY(mutex_) = 0;
};

class MemoryStore final : public Store {
 public:
  Result<std::shared_ptr<Namespace>> open(std::string_view name) override {
    return instances_.get(name, [](const std::string&) -> Result<std::shared_ptr<Namespace>> {
      return std::make_shared<MemoryNamespace>();
    });
  }
  Result<std::vector<Content>> read_all(std::span<const std::string> names) override {
    return read_each(*this, names);
  }
  std::string_view kind() const override { return "memory"; }

 private:
  Instances<Namespace> instances_;
};

}  // namespace

std::shared_ptr<Store> create_memory_store() { return std::make_shared<MemoryStore>(); }

}  // namespace trustee::kv
