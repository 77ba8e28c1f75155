#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace trustee::net {

/// How many bytes all requests together may hold at once.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

  /// What one request holds of the budget; given back when it goes.
  class Share {
   public:
    explicit Share(ByteBudget& budget) : budget_(&budget) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { release(); }
    /// Takes `n` more bytes; false when the budget has them not.
    bool take(std::size_t n) {
      if (!budget_->take(n)) return false;
      held_ += n;
      return true;
    }
    void release() { budget_->used_.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed); }

   private:
    ByteBudget* budget_;
    std::size_t held_ = 0;
  };

 private:
  bool take(std::size_t n) {
    const std::size_t before = used_.fetch_add(n, std::memory_order_relaxed);
    if (before <= limit_ && n <= limit_ - before) return true;
    used_.fetch_sub(n, std::memory_order_relaxed);
    return false;
  }

  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace trustee::net
