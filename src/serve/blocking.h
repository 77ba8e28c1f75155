#pragma once

#include <utility>

#include "net/compute_pool.h"
#include "net/task.h"

namespace trustee::serve {

/// Runs store calls: on the I/O pool when they may block, else right here.
class StoreRunner {
 public:
  StoreRunner(net::ComputePool& io, bool blocking) : io_(io), blocking_(blocking) {}

  /// `fn` returns Result<T>. Errors: those of the pool and of `fn`.
  template <class F>
  net::Task<std::invoke_result_t<F&>> run(net::PeerKey peer, F fn) const {
    if (!blocking_) co_return fn();
    auto outcome = co_await io_.run(peer, std::move(fn));
    co_return outcome;
  }

 private:
  net::ComputePool& io_;
  bool blocking_;
};

}  // namespace trustee::serve
