#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace trustee {

/// Overwrites all memory it gives back to `Base`.
template <class T, template <class> class Base = std::allocator>
struct WipingAllocator {
  using value_type = T;
  template <class U>
  struct rebind {
    using other = WipingAllocator<U, Base>;
  };
  WipingAllocator() = default;
  template <class U>
  explicit WipingAllocator(const WipingAllocator<U, Base>& /*other*/) {}

  T* allocate(std::size_t n) { return Base<T>().allocate(n); }
  void deallocate(T* p, std::size_t n) {
    wipe(p, n * sizeof(T));
    Base<T>().deallocate(p, n);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// Bytes that may turn out to be secret, on their way to where that is known: they leave nothing
/// behind when they grow, are replaced, or go. What is known to be secret is a SecretBytes.
using WipedVec = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

inline WipedVec wiped_copy(Bytes b) { return {b.begin(), b.end()}; }

}  // namespace trustee
