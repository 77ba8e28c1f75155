#pragma once

#include <compare>
#include <string>
#include <utility>

namespace trustee {

/// A text with a meaning of its own, so that a nonce is not passed where a policy id is wanted.
template <class Tag>
class StrongText {
 public:
  StrongText() = default;
  explicit StrongText(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend auto operator<=>(const StrongText&, const StrongText&) = default;

 private:
  std::string text_;
};

/// Names one request in logs, answers and decision records.
using RequestId = StrongText<struct RequestIdTag>;

}  // namespace trustee
