#include <algorithm>
#include <sstream>
#include <string>

#include "base/try.h"
#include "codec/toml_library.h"
#include "codec/toml_text.h"
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

}  // namespace

Result<json::Value> read_toml(std::string_view text) {
  if (const std::size_t pos = codec::misplaced_toml_character(text);
      pos != std::string_view::npos) {
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
