#pragma once

#include <atomic>
#include <cstddef>

namespace trustee::net {

/// How many bytes all requests together may hold at once, and those of one peer: half of that.
class ByteBudget {
 public:
  /// What the requests of one peer hold together.
  using PeerUse = std::atomic<std::size_t>;

  explicit ByteBudget(std::size_t limit) : limit_(limit) {}
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

  /// What one request holds of the budget; given back when it goes.
  class Share {
   public:
    /// Lifetime: `peer` outlives the share, as the budget does.
    Share(ByteBudget& budget, PeerUse& peer) : budget_(&budget), peer_(&peer) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { release(); }
    /// Takes `n` more bytes; false when the budget, or the peer's half, has them not.
    bool take(std::size_t n) {
      if (!ByteBudget::take(*peer_, n, budget_->limit_ / 2)) return false;
      if (!ByteBudget::take(budget_->used_, n, budget_->limit_)) {
        give_back(*peer_, n);
        return false;
      }
      held_ += n;
      return true;
    }
    void release() {
      if (held_ == 0) return;
      give_back(*peer_, held_);
      give_back(budget_->used_, held_);
      held_ = 0;
    }

   private:
    ByteBudget* budget_;
    PeerUse* peer_;
    std::size_t held_ = 0;
  };

 private:
  static bool take(std::atomic<std::size_t>& used, std::size_t n, std::size_t limit) {
    const std::size_t before = used.fetch_add(n, std::memory_order_relaxed);
    if (before <= limit && n <= limit - before) return true;
    give_back(used, n);
    return false;
  }
  static void give_back(std::atomic<std::size_t>& used, std::size_t n) {
    used.fetch_sub(n, std::memory_order_relaxed);
  }

  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace trustee::net
