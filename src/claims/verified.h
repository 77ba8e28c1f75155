#pragma once

#include <type_traits>
#include <utility>

namespace trustee::claims {

/// The only maker of Verified<T>. A module specialises it once, in the file that does the
/// verification; `grep -rn "VerifierOf<" src` lists every place that can call something verified.
///
///     template <>
///     struct trustee::claims::VerifierOf<snp::Report> {
///       static Verified<snp::Report> seal(snp::Report r) { return Verified(std::move(r)); }
///     };
template <class T>
struct VerifierOf;

/// A T whose authenticity was checked by its module's verifier. Copies are as good as the original:
/// the value cannot be changed any more.
template <class T>
class Verified {
 public:
  static_assert(std::is_same_v<T, std::remove_cvref_t<T>>);
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  friend struct VerifierOf<T>;
  explicit Verified(T value) : value_(std::move(value)) {}

  T value_;
};

}  // namespace trustee::claims
