#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::config {

/// How a configuration file is written.
enum class Format : std::uint8_t { toml, yaml, json };

/// A configuration file as one tree, whatever its format: TOML date-times become strings, floats
/// become numbers with a fraction.
struct Document {
  std::string path;
  json::Value root;
};

inline constexpr std::size_t kMaxDocument = 1U << 20U;

/// Parses the text of a configuration file. Errors: syntax (the detail names line and column),
/// too_large.
Result<json::Value> parse_document(std::string_view text, Format format);

/// Which format a file name announces. Errors: unknown_format.
Result<Format> format_of(std::string_view path);

}  // namespace trustee::config
