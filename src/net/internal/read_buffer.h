#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/wiped.h"

namespace trustee::net {

/// Received bytes not yet consumed: written at the end, consumed at the front, then wiped: a body
/// may have begun with them.
class ReadBuffer {
 public:
  static constexpr std::size_t kChunk = 4096;

  Bytes data() const { return Bytes(storage_).subspan(begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }

  /// Room for at least `n` more bytes. Lifetime: until the next call.
  std::span<std::uint8_t> prepare(std::size_t n) {
    if (storage_.size() - end_ < n) make_room(n);
    return std::span(storage_).subspan(end_);
  }
  void commit(std::size_t n) { end_ += n; }
  void consume(std::size_t n) {
    const std::size_t consumed = std::min(n, end_ - begin_);
    if (consumed > 0) wipe(storage_.data() + begin_, consumed);
    begin_ += consumed;
    if (begin_ != end_) return;
    begin_ = end_ = 0;
    if (storage_.size() > 4 * kChunk) {  // an idle connection holds no large buffer
      storage_ = WipedVec(kChunk);
    }
  }

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

  WipedVec storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace trustee::net
