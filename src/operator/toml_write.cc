#include "operator/toml_write.h"

#include <algorithm>
#include <cstdio>

namespace trustee::operators {
namespace {

bool is_array_of_tables(const json::Value& value) {
  const auto* array = value.as_array();
  return array != nullptr && !array->empty() &&
         std::ranges::all_of(*array, [](const auto& v) { return v.as_object() != nullptr; });
}

void append_value(std::string& out, const json::Value& value);

void append_inline_table(std::string& out, const json::Object& table) {
  out += '{';
  bool first = true;
  for (const auto& member : table) {
    if (member.value.is_null()) {
      continue;
    }
    out += first ? " " : ", ";
    first = false;
    append_toml_key(out, member.name);
    out += " = ";
    append_value(out, member.value);
  }
  out += first ? "}" : " }";
}

void append_inline_array(std::string& out, const json::Array& array) {
  out += '[';
  bool first = true;
  for (const auto& element : array) {
    if (element.is_null()) {
      continue;
    }
    out += first ? "" : ", ";
    first = false;
    append_value(out, element);
  }
  out += ']';
}

void append_value(std::string& out, const json::Value& value) {
  if (const auto* text = value.as_string(); text != nullptr) {
    append_toml_string(out, *text);
  } else if (const auto* flag = value.as_bool(); flag != nullptr) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = value.as_number(); number != nullptr) {
    out += number->text();
  } else if (const auto* array = value.as_array(); array != nullptr) {
    append_inline_array(out, *array);
  } else if (const auto* table = value.as_object(); table != nullptr) {
    append_inline_table(out, *table);
  }
}

void append_pair(std::string& out, const json::Member& member) {
  append_toml_key(out, member.name);
  out += " = ";
  append_value(out, member.value);
  out += '\n';
}

void append_header(std::string& out, std::string_view open, std::string_view path,
                   std::string_view close) {
  if (!out.empty()) {
    out += '\n';
  }
  out += open;
  out += path;
  out += close;
  out += '\n';
}

void append_table(std::string& out, const json::Object& table, const std::string& path) {
  const bool top = path.empty();
  const auto is_later = [top](const json::Value& v) {
    return v.is_null() || v.as_object() != nullptr || (top && is_array_of_tables(v));
  };
  const bool has_values =
      std::ranges::any_of(table, [&is_later](const json::Member& m) { return !is_later(m.value); });
  if (!top && (has_values || table.empty())) {
    append_header(out, "[", path, "]");
  }
  for (const auto& member : table) {
    if (!is_later(member.value)) {
      append_pair(out, member);
    }
  }
  for (const auto& member : table) {
    if (const auto* child = member.value.as_object(); child != nullptr) {
      std::string child_path = top ? "" : path + ".";
      append_toml_key(child_path, member.name);
      append_table(out, *child, child_path);
    }
  }
}

void append_arrays_of_tables(std::string& out, const json::Object& tree) {
  for (const auto& member : tree) {
    if (!is_array_of_tables(member.value)) {
      continue;
    }
    std::string path;
    append_toml_key(path, member.name);
    for (const auto& element : *member.value.as_array()) {
      append_header(out, "[[", path, "]]");
      for (const auto& inner : *element.as_object()) {
        if (!inner.value.is_null()) {
          append_pair(out, inner);
        }
      }
    }
  }
}

}  // namespace

void append_toml_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(byte));
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_toml_key(std::string& out, std::string_view key) {
  const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  if (bare) {
    out += key;
  } else {
    append_toml_string(out, key);
  }
}

std::string write_toml(const json::Object& tree) {
  std::string out;
  append_table(out, tree, "");
  append_arrays_of_tables(out, tree);
  return out;
}

}  // namespace trustee::operators
