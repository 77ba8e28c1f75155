#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "k8s/errors.h"

namespace trustee::k8s {

/// An object beyond this is refused; etcd takes 1.5 MiB, which grows a little as JSON.
inline constexpr std::size_t kMaxObject = 8U << 20U;

struct WatchEvent {
  enum class Type : std::uint8_t { added, modified, deleted, bookmark, error };
  Type type = Type::error;
  json::Object object;
};

/// Takes the body of a watch apart: one JSON document a line, in pieces as the transport cuts them.
/// Source  operator.md section 11.3.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_frame = kMaxObject) : max_frame_(max_frame) {}

  /// Takes the next bytes. Errors: frame_too_large (the reader is of no use afterwards).
  Result<void> push(std::string_view piece);
  /// The next complete event, or nothing until more bytes come. Empty lines are passed over.
  /// Errors  frame_malformed.
  Result<std::optional<WatchEvent>> next();

 private:
  std::size_t max_frame_;
  std::string text_;
  std::size_t read_ = 0;      ///< text_ before this was given out
  std::size_t searched_ = 0;  ///< no newline between read_ and this
};

}  // namespace trustee::k8s
