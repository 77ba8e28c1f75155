// toml++ asserts, or under NDEBUG assumes, what its parser then reports as an error of the
// document:
// `[/x]` aborts, or is undefined. Without NDEBUG and with an assertion that does nothing only the
// report is left.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <algorithm>
#include <sstream>
#include <string>

#include "base/try.h"
#include "config/errors.h"
#include "config/internal/readers.h"

namespace trustee::config::internal {
namespace {

Result<json::Value> convert(const toml::node& node, std::size_t depth);

Result<json::Value> convert_table(const toml::table& table, std::size_t depth) {
  json::Object out;
  for (const auto& [key, value] : table) {
    TRY(json::Value converted, convert(value, depth));
    out.append(std::string(key.str()), std::move(converted));
  }
  return json::Value(std::move(out));
}

Result<json::Value> convert_array(const toml::array& array, std::size_t depth) {
  json::Array out;
  for (const auto& value : array) {
    TRY(json::Value converted, convert(value, depth));
    out.push_back(std::move(converted));
  }
  return json::Value(std::move(out));
}

Result<json::Value> convert_float(double d) {
  auto number = json::Number::from_double(d);
  if (!number.ok()) return Error(Errc::syntax, "a number is not finite");
  return json::Value(std::move(*number));
}

template <class T>
json::Value as_text(const T& value) {
  std::ostringstream out;
  out << value;
  return json::Value(out.str());
}

Result<json::Value> convert(const toml::node& node, std::size_t depth) {
  if (depth == 0) return Error(Errc::syntax, "nested too deeply");
  switch (node.type()) {
    case toml::node_type::table:
      return convert_table(*node.as_table(), depth - 1);
    case toml::node_type::array:
      return convert_array(*node.as_array(), depth - 1);
    case toml::node_type::string:
      return json::Value(node.as_string()->get());
    case toml::node_type::integer:
      return json::Value(std::int64_t{node.as_integer()->get()});
    case toml::node_type::floating_point:
      return convert_float(node.as_floating_point()->get());
    case toml::node_type::boolean: {
      const bool b = node.as_boolean()->get();
      return json::Value(b);
    }
    case toml::node_type::date:
      return as_text(node.as_date()->get());
    case toml::node_type::time:
      return as_text(node.as_time()->get());
    case toml::node_type::date_time:
      return as_text(node.as_date_time()->get());
    case toml::node_type::none:
      break;
  }
  return Error(Errc::syntax, "a value without a type");
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool at(std::string_view text, std::size_t pos, std::string_view what) {
  return text.substr(std::min(pos, text.size())).starts_with(what);
}

/// Where the string that begins at `pos` ends: behind its closing quotes, or where a character
/// follows that the parser must not see.
std::size_t string_end(std::string_view text, std::size_t pos) {
  const char quote = text[pos];
  const bool multi_line = at(text, pos, std::string(3, quote));
  pos += multi_line ? 3 : 1;
  while (pos < text.size()) {
    const char c = text[pos];
    if (c == '\\' && quote == '"') {
      const std::size_t next = text.find_first_not_of(" \t\r\n", pos + 1);
      if (next != std::string_view::npos && !is_ascii(text[next])) return next;
      pos += 2;
      continue;
    }
    if (!multi_line && c == '\n') return pos;
    if (c == quote && !multi_line) return pos + 1;
    if (c == quote && at(text, pos, std::string(3, quote))) {
      pos += 3;
      for (int more = 0; more < 2 && at(text, pos, std::string(1, quote)); ++more) ++pos;
      return pos;
    }
    ++pos;
  }
  return text.size();
}

/// The place of the first character beyond ASCII that is neither in a string nor in a comment, or
/// `npos`. TOML 1.0 allows none; toml++ 3.3 has undefined behaviour when it looks whether such a
/// character is white space, also behind a backslash that ends a line of a string.
std::size_t misplaced_character(std::string_view text) {
  std::size_t pos = at(text, 0, "\xef\xbb\xbf") ? 3 : 0;
  while (pos < text.size()) {
    const char c = text[pos];
    if (!is_ascii(c)) return pos;
    if (c == '#') {
      pos = std::min(text.find('\n', pos), text.size());
    } else if (c == '"' || c == '\'') {
      pos = string_end(text, pos);
    } else {
      ++pos;
    }
  }
  return std::string_view::npos;
}

}  // namespace

Result<json::Value> read_toml(std::string_view text) {
  if (const std::size_t pos = misplaced_character(text); pos != std::string_view::npos) {
    const std::string_view before = text.substr(0, pos);
    return Error(Errc::syntax, "a character beyond ASCII outside of a string at line " +
                                   std::to_string(1 + std::ranges::count(before, '\n')));
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::ostringstream where;
    where << parsed.error().description() << " at line " << parsed.error().source().begin.line
          << ", column " << parsed.error().source().begin.column;
    return Error(Errc::syntax, where.str());
  }
  return convert_table(parsed.table(), kMaxDepth);
}

}  // namespace trustee::config::internal
