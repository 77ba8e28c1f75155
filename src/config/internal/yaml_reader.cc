#include <yaml-cpp/yaml.h>

#include "base/try.h"
#include "config/errors.h"
#include "config/internal/readers.h"

namespace trustee::config::internal {
namespace {

Result<json::Value> convert(const YAML::Node& node, std::size_t depth, std::size_t& budget);

// Plain scalars follow the core schema: null, booleans, numbers, else text. Quoted ones are text.
json::Value convert_scalar(const YAML::Node& node) {
  const std::string text = node.Scalar();
  if (node.Tag() == "!") return json::Value(text);
  if (text == "true" || text == "false") {
    const bool b = text == "true";
    return json::Value(b);
  }
  if (text.empty() || text == "null" || text == "~") return json::Value();
  if (auto number = json::Number::from_text(text); number.ok()) {
    return json::Value(std::move(*number));
  }
  return json::Value(text);
}

Result<json::Value> convert_map(const YAML::Node& node, std::size_t depth, std::size_t& budget) {
  json::Object out;
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    if (out.contains(key)) return Error(Errc::syntax, "the key " + key + " is repeated");
    TRY(json::Value value, convert(entry.second, depth, budget));
    out.append(key, std::move(value));
  }
  return json::Value(std::move(out));
}

Result<json::Value> convert(const YAML::Node& node, std::size_t depth, std::size_t& budget) {
  if (depth == 0) return Error(Errc::syntax, "nested too deeply");
  if (budget-- == 0) return Error(Errc::syntax, "too many values (aliases are expanded)");
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return convert_map(node, depth - 1, budget);
    case YAML::NodeType::Scalar:
      return convert_scalar(node);
    case YAML::NodeType::Sequence: {
      json::Array out;
      for (const auto& item : node) {
        TRY(json::Value value, convert(item, depth - 1, budget));
        out.push_back(std::move(value));
      }
      return json::Value(std::move(out));
    }
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      break;
  }
  return json::Value();
}

}  // namespace

Result<json::Value> read_yaml(std::string_view text) {
  try {
    std::size_t budget = 100'000;
    return convert(YAML::Load(std::string(text)), kMaxDepth, budget);
  } catch (const YAML::Exception& e) {
    return Error(Errc::syntax, e.what());
  }
}

}  // namespace trustee::config::internal
