#include "config/document.h"

#include "base/try.h"
#include "config/errors.h"
#include "config/internal/readers.h"
#include "toml/errors.h"
#include "toml/toml.h"

namespace trustee::config {
namespace {

Result<json::Value> read_toml(std::string_view text) {
  auto table = toml::parse(text, toml::Foreign::plain,
                           {.bytes = kMaxDocument, .depth = internal::kMaxDepth});
  if (table.ok()) return json::Value(std::move(*table));
  const Errc code = table.error().is(toml::Errc::too_large) ? Errc::too_large : Errc::syntax;
  return Error(code, table.error().detail());
}

}  // namespace

Result<json::Value> parse_document(std::string_view text, Format format) {
  if (text.size() > kMaxDocument) return Errc::too_large;
  switch (format) {
    case Format::toml:
      return read_toml(text);
    case Format::yaml:
      return internal::read_yaml(text);
    case Format::json:
      break;
  }
  auto value = json::parse(text, json::Duplicates::refuse,
                           {.bytes = kMaxDocument, .depth = internal::kMaxDepth});
  if (!value.ok()) return Error(Errc::syntax, value.error().to_string());
  return std::move(*value);
}

Result<Format> format_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  const std::string_view extension =
      dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  if (extension == "toml") return Format::toml;
  if (extension == "yaml" || extension == "yml") return Format::yaml;
  if (extension == "json") return Format::json;
  return Error(Errc::unknown_format, std::string(path));
}

}  // namespace trustee::config
