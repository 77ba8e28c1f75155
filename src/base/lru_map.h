#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <utility>

namespace trustee {

/// A map that holds at most so many entries and forgets the least recently used first. A value,
/// not thread-safe. Cost: look-up and insertion are logarithmic.
template <class Key, class Value>
class LruMap {
 public:
  /// Capacity 0 holds nothing.
  explicit LruMap(std::size_t capacity) : capacity_(capacity) {}
  LruMap(LruMap&&) noexcept = default;
  LruMap& operator=(LruMap&&) noexcept = default;
  LruMap(const LruMap&) = delete;  // the entries point into the order
  LruMap& operator=(const LruMap&) = delete;

  /// The value under `key`, which becomes the most recently used, or null.
  /// Lifetime: until the map changes.
  template <class K>
  Value* find(const K& key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, it->second.place);
    return &it->second.value;
  }

  /// Inserts or replaces; an entry more than the capacity pushes out the oldest. Null when the
  /// capacity is 0.
  Value* put(Key key, Value value) {
    if (capacity_ == 0) return nullptr;
    if (Value* old = find(key); old != nullptr) {
      *old = std::move(value);
      return old;
    }
    if (entries_.size() == capacity_) {
      entries_.erase(order_.back());
      order_.pop_back();
    }
    order_.push_front(key);
    return &entries_.emplace(std::move(key), Entry{std::move(value), order_.begin()})
                .first->second.value;
  }

  template <class K>
  void erase(const K& key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return;
    order_.erase(it->second.place);
    entries_.erase(it);
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Value value;
    typename std::list<Key>::iterator place;
  };

  std::size_t capacity_;
  std::map<Key, Entry, std::less<>> entries_;
  std::list<Key> order_;  ///< front: most recently used
};

}  // namespace trustee
