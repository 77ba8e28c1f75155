#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/wiped.h"

namespace trustee::net {

/// Received bytes not yet consumed: written at the end, consumed at the front, then wiped: a body
/// may have begun with them. What is read beyond one request counts against no budget, so there is
/// never much of it, and never much room kept for it.
class ReadBuffer {
 public:
  static constexpr std::size_t kChunk = 4096;
  static constexpr std::size_t kKept = 4 * kChunk;  ///< the most that is kept where less waits

  Bytes data() const { return Bytes(storage_).subspan(begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }
  /// Bytes of memory held, waiting bytes included.
  std::size_t capacity() const { return storage_.size(); }

  /// Room for `n` more bytes, for more only up to kKept waiting. Lifetime: until the next call.
  std::span<std::uint8_t> prepare(std::size_t n) {
    if (storage_.size() - end_ < n) make_room(n);
    const std::size_t waiting = end_ - begin_;
    const std::size_t usual = waiting < kKept ? kKept - waiting : 0;
    return std::span(storage_).subspan(end_, std::min(storage_.size() - end_, std::max(n, usual)));
  }
  void commit(std::size_t n) { end_ += n; }
  void consume(std::size_t n) {
    const std::size_t consumed = std::min(n, end_ - begin_);
    if (consumed > 0) wipe(storage_.data() + begin_, consumed);
    begin_ += consumed;
    if (begin_ == end_) begin_ = end_ = 0;
    if (storage_.size() > kKept && end_ - begin_ <= kKept) shrink();
  }
  void clear() { consume(end_ - begin_); }

 private:
  void make_room(std::size_t n) {
    std::copy(storage_.begin() + static_cast<std::ptrdiff_t>(begin_),
              storage_.begin() + static_cast<std::ptrdiff_t>(end_), storage_.begin());
    const std::size_t waiting = end_ - begin_;
    if (begin_ > 0) wipe(storage_.data() + waiting, begin_);
    end_ = waiting;
    begin_ = 0;
    if (storage_.size() - end_ < n) storage_.resize(std::max(end_ + n, 2 * storage_.size()));
  }

  void shrink() {
    const std::size_t waiting = end_ - begin_;
    WipedVec smaller(std::max(kChunk, waiting));
    std::ranges::copy(data(), smaller.begin());
    storage_ = std::move(smaller);
    begin_ = 0;
    end_ = waiting;
  }

  WipedVec storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace trustee::net
