#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "operator/snapshot.h"

namespace trustee::operators {

/// A text that the operator generates into one entry of a ConfigMap and users may edit.
struct GeneratedText {
  ObjectRef config_map;
  std::string_view key;
  std::string content;
};

/// What has to happen to the ConfigMap.
struct TextChange {
  std::optional<json::Object> create;
  std::optional<json::Object> apply;  ///< not stamped
};

/// Whether the entry still is what was generated: its hash stands in the annotation, or, without
/// one, the text is known to be what an operator without that memory wrote.
bool is_unedited(const json::Object& config_map, std::string_view key);

/// Creates the ConfigMap when missing; regenerates an unedited entry that differs; remembers an
/// entry of `owner` that nobody remembers and that is as it would be generated; otherwise leaves it
/// to the user, but for `adjust`, which may change an edited text (null: it does not).
/// Errors  of `adjust`.
/// Source  operator specification, section 3.4, S2, B20; OP-36, OP-38, OP-48.
Result<TextChange> ensure_text(
    const GeneratedText& wanted, const json::Object* stored, const json::Object& owner,
    const std::function<Result<std::string>(const std::string&)>& adjust);

}  // namespace trustee::operators
