#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "operator/tls_settings.h"

// Edits of a TOML text that keep every other byte of it: comments, order, white space. Each result
// is read again and compared with the tree that was meant, so that a text which cannot be edited
// safely is refused, never damaged.

namespace trustee::operators {

/// Replaces the TLS settings of `[http_server]` by `wanted`. The text stays as it is when it says
/// so already, and when it has no `http_server`. Idempotent.
/// Errors  toml_malformed (detail: line and column), toml_not_editable (an inline table).
/// Source  operator specification, section 3.11, B19.   Cost: linear in the text.
Result<std::string> merge_tls(std::string_view text, const TlsSettings& wanted);

/// Sets one text value below `path` (table names, then the key), replacing it where it stands or
/// adding it to its table, which is made at the end of the text if need be.
/// Errors  toml_malformed, toml_not_editable.
Result<std::string> set_toml_text(std::string_view text, std::span<const std::string_view> path,
                                  std::string_view value);

/// Puts a top-level array of texts in front. Errors: toml_malformed (also when the key exists).
Result<std::string> prepend_toml_texts(std::string_view text, std::string_view key,
                                       std::span<const std::string_view> values);

}  // namespace trustee::operators
