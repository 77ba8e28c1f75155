#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"

namespace trustee::operators {

/// Appends `text`, which is UTF-8, as a TOML basic string, quotes included. Source: TOML 1.0.0.
void append_toml_string(std::string& out, std::string_view text);
/// Appends a key: bare where it can be, else quoted.
void append_toml_key(std::string& out, std::string_view key);

/// The tree as a TOML document that reads back as the same tree: values first, then `[table]`s in
/// the order of their members, a blank line before each; arrays of tables at the top level as
/// `[[name]]`, deeper ones inline. Members that are null are left out, TOML has no such value.
std::string write_toml(const json::Object& tree);

}  // namespace trustee::operators
