// The only file of this module that knows toml++.
#include "as/internal/toml_text.h"

#include <sstream>

#include "as/errors.h"
#include "as/init_data.h"
#include "base/try.h"
#include "codec/toml_library.h"
#include "codec/toml_text.h"

namespace trustee::as::internal {
namespace {

Result<json::Value> convert(const toml::node& node, std::size_t depth);

Result<json::Object> convert_table(const toml::table& table, std::size_t depth) {
  json::Object out;
  for (const auto& [key, value] : table) {
    TRY(json::Value converted, convert(value, depth));
    out.append(std::string(key.str()), std::move(converted));
  }
  return out;
}

Result<json::Value> convert_array(const toml::array& array, std::size_t depth) {
  json::Array out;
  for (const auto& value : array) {
    TRY(json::Value converted, convert(value, depth));
    out.push_back(std::move(converted));
  }
  return json::Value(std::move(out));
}

json::Value convert_float(double d) {
  auto number = json::Number::from_double(d);
  return number.ok() ? json::Value(std::move(*number)) : json::Value(nullptr);
}

template <class T>
json::Value date_time(const T& value) {
  std::ostringstream out;
  out << value;
  return json::Object{{"$__toml_private_datetime", out.str()}};
}

Result<json::Value> convert(const toml::node& node, std::size_t depth) {
  if (depth == 0) return Error(Errc::init_data_malformed, "nested too deeply");
  switch (node.type()) {
    case toml::node_type::table: {
      TRY(json::Object table, convert_table(*node.as_table(), depth - 1));
      return json::Value(std::move(table));
    }
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
      return date_time(node.as_date()->get());
    case toml::node_type::time:
      return date_time(node.as_time()->get());
    case toml::node_type::date_time:
      return date_time(node.as_date_time()->get());
    case toml::node_type::none:
      break;
  }
  return Error(Errc::init_data_malformed, "a value without a type");
}

}  // namespace

Result<json::Object> read_toml(std::string_view text) {
  if (text.size() > kMaxInitData) return Error(Errc::init_data_too_large);
  if (codec::misplaced_toml_character(text) != std::string_view::npos) {
    return Error(Errc::init_data_malformed, "a character beyond ASCII outside of a string");
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::ostringstream where;
    where << parsed.error().description() << " at line " << parsed.error().source().begin.line
          << ", column " << parsed.error().source().begin.column;
    return Error(Errc::init_data_malformed, where.str());
  }
  TRY(json::Object out, convert_table(parsed.table(), kMaxTomlDepth - 1));
  out.sort_deep();
  return out;
}

}  // namespace trustee::as::internal
