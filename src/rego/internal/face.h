#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "rego/errors.h"
#include "trustee_rust.h"

namespace trustee::rego::internal {

inline trustee_slice slice(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view view(trustee_slice s) {
  return {reinterpret_cast<const char*>(s.ptr), s.len};
}

/// An error out-parameter of the C face that frees itself.
class Failure {
 public:
  Failure() = default;
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { trustee_error_free(&error_); }
  trustee_error* out() { return &error_; }
  std::string message() const {
    return std::string(view({error_.message.ptr, error_.message.len}));
  }

 private:
  trustee_error error_{};
};

/// The Error of a status that is not OK.
Error error_of(trustee_status status, const Failure& failure);

}  // namespace trustee::rego::internal
