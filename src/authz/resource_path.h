#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trustee::authz {

/// `repository/type/tag`, each part `[A-Za-z0-9_-][A-Za-z0-9_.-]*` (kbs.md 9.1.1).
class ResourcePath {
 public:
  /// Parses the text form. Errors: resource_path_malformed.
  static Result<ResourcePath> parse(std::string_view text);
  /// Joins the decoded URL segments with `/` and parses that.
  static Result<ResourcePath> from_segments(std::span<const std::string> segments);

  const std::string& text() const { return text_; }
  friend bool operator==(const ResourcePath&, const ResourcePath&) = default;

 private:
  explicit ResourcePath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace trustee::authz
