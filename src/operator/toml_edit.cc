#include "operator/toml_edit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.h"
#include "operator/errors.h"
#include "operator/internal/toml_scan.h"
#include "operator/toml_write.h"
#include "toml/toml.h"

namespace trustee::operators {
namespace {

using internal::TomlItem;
using internal::TomlItemKind;

constexpr std::string_view kServer = "http_server";
constexpr std::string_view kComment = "# TLS configuration";

Result<json::Object> tree_of(std::string_view text) {
  auto tree = toml::parse(text, toml::Foreign::serde);
  if (!tree.ok()) {
    return Error(Errc::toml_malformed, tree.error().detail());
  }
  return tree;
}

/// `edited`, if it reads as `meant`.
Result<std::string> checked(std::string edited, const json::Object& meant) {
  const auto tree = toml::parse(edited, toml::Foreign::serde);
  if (!tree.ok() || json::Value(*tree) != json::Value(meant)) {
    return Error(Errc::toml_not_editable);
  }
  return edited;
}

bool is_tls_pair(const TomlItem& item) {
  return item.kind == TomlItemKind::pair && item.path.size() == 2 && item.path[0] == kServer &&
         is_tls_key(item.path[1]);
}

std::string_view text_of(const TomlItem& item, std::string_view text) {
  return text.substr(item.begin, item.end - item.begin);
}

bool is_tls_comment(const TomlItem& item, std::string_view text) {
  auto line = text_of(item, text);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return item.kind == TomlItemKind::comment && line.starts_with(kComment);
}

/// Where new lines of `[http_server]` go, and what their keys begin with.
struct Place {
  std::size_t at = 0;
  std::string prefix;
};

/// Behind the last pair that stays in the table itself, else behind its header, else behind the
/// last dotted key of the table at the top level.
std::optional<Place> place_in_server(const std::vector<TomlItem>& items) {
  std::optional<std::size_t> in_table;
  std::optional<std::size_t> dotted;
  bool inside = false;
  bool at_top = true;
  for (const auto& item : items) {
    if (item.kind == TomlItemKind::table || item.kind == TomlItemKind::array_of_tables) {
      at_top = false;
      inside = item.kind == TomlItemKind::table && item.path.size() == 1 && item.path[0] == kServer;
      if (inside) {
        in_table = item.end;
      }
    } else if (item.kind == TomlItemKind::pair && !is_tls_pair(item)) {
      if (inside) {
        in_table = item.end;
      } else if (at_top && item.path.size() > 1 && item.path[0] == kServer) {
        dotted = item.end;
      }
    }
  }
  if (in_table) {
    return Place{*in_table, ""};
  }
  if (dotted) {
    return Place{*dotted, "http_server."};
  }
  return std::nullopt;
}

std::size_t behind_blank_lines(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const auto line_end = text.find('\n', at);
    const auto line = text.substr(at, line_end - at);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      return at;
    }
    at = line_end == std::string_view::npos ? text.size() : line_end + 1;
  }
  return at;
}

/// [begin, end) of the text without its TLS lines, their comment and the blank lines behind them.
void append_without_tls(std::string& out, std::string_view text, const std::vector<TomlItem>& items,
                        std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  bool inside = false;
  for (const auto& item : items) {
    if (item.kind == TomlItemKind::table || item.kind == TomlItemKind::array_of_tables) {
      inside = item.path.size() == 1 && item.path[0] == kServer;
    }
    const bool goes = is_tls_pair(item) || (inside && is_tls_comment(item, text));
    if (!goes || item.begin < begin || item.begin >= end) {
      continue;
    }
    if (item.begin > at) {
      out += text.substr(at, item.begin - at);
    }
    at = std::max(at, behind_blank_lines(text, item.end));
  }
  if (at < end) {
    out += text.substr(at, end - at);
  }
}

bool says_already(const json::Object& server, const TlsSettings& wanted) {
  std::size_t found = 0;
  for (const auto& member : server) {
    if (is_tls_key(member.name)) {
      ++found;
    }
  }
  return found == wanted.keys.size() && std::ranges::all_of(wanted.keys, [&](const auto& key) {
           const auto* value = server.find(key.first);
           return value != nullptr && *value == json::Value(key.second);
         });
}

json::Object with_tls(json::Object tree, const TlsSettings& wanted) {
  auto& server = *tree.find(kServer)->as_object();
  std::vector<std::string> old;
  for (const auto& member : server) {
    if (is_tls_key(member.name)) {
      old.push_back(member.name);
    }
  }
  for (const auto& name : old) {
    server.remove(name);
  }
  for (const auto& [key, value] : wanted.keys) {
    server.set(key, value);
  }
  return tree;
}

bool ends_open(std::string_view text) { return !text.empty() && !text.ends_with('\n'); }

}  // namespace

Result<std::string> merge_tls(std::string_view text, const TlsSettings& wanted) {
  TRY(const auto tree, tree_of(text));
  const auto* value = tree.find(kServer);
  const auto* server = value == nullptr ? nullptr : value->as_object();
  if (server == nullptr || says_already(*server, wanted)) {
    return std::string(text);
  }
  TRY(const auto items, internal::scan_toml(text));
  const auto place = place_in_server(items);
  if (!place) {
    return Error(Errc::toml_not_editable, "http_server is written as an inline table");
  }
  std::string merged;
  append_without_tls(merged, text, items, 0, place->at);
  if (ends_open(merged)) {
    merged += '\n';
  }
  merged += tls_block(wanted, place->prefix);
  std::string rest;
  append_without_tls(rest, text, items, place->at, text.size());
  if (!rest.empty() && behind_blank_lines(rest, 0) == 0) {
    merged += '\n';
  }
  return checked(merged + rest, with_tls(tree, wanted));
}

namespace {

struct Found {
  const TomlItem* pair = nullptr;
  std::optional<std::size_t> table_end;  ///< behind what stands in the table itself
};

Found find_place(const std::vector<TomlItem>& items, std::span<const std::string_view> path) {
  Found found;
  const auto is_path = [](const TomlItem& item, std::span<const std::string_view> wanted) {
    return !item.in_array && std::ranges::equal(item.path, wanted);
  };
  bool inside = false;
  for (const auto& item : items) {
    if (item.kind == TomlItemKind::pair) {
      if (is_path(item, path)) {
        found.pair = &item;
      }
      if (inside) {
        found.table_end = item.end;
      }
    } else if (item.kind != TomlItemKind::comment) {
      inside = item.kind == TomlItemKind::table && is_path(item, path.first(path.size() - 1));
      if (inside) {
        found.table_end = item.end;
      }
    }
  }
  return found;
}

Result<json::Object> with_text(json::Object tree, std::span<const std::string_view> path,
                               std::string_view value) {
  json::Object* here = &tree;
  for (const auto name : path.first(path.size() - 1)) {
    if (here->find(name) == nullptr) {
      here->set(name, json::Object());
    }
    here = here->find(name)->as_object();
    if (here == nullptr) {
      return Error(Errc::toml_not_editable, std::string(name) + " is no table");
    }
  }
  here->set(path.back(), value);
  return tree;
}

std::string new_table(std::span<const std::string_view> path, const std::string& line) {
  std::string header = "\n[";
  for (const auto name : path.first(path.size() - 1)) {
    if (!header.ends_with('[')) {
      header += '.';
    }
    append_toml_key(header, name);
  }
  return header + "]\n" + line;
}

}  // namespace

Result<std::string> set_toml_text(std::string_view text, std::span<const std::string_view> path,
                                  std::string_view value) {
  TRY(auto tree, tree_of(text));
  TRY(const auto meant, with_text(std::move(tree), path, value));
  TRY(const auto items, internal::scan_toml(text));
  const auto found = find_place(items, path);
  std::string edited(text);
  std::string quoted;
  append_toml_string(quoted, value);
  if (found.pair != nullptr) {
    edited.replace(found.pair->value_begin, found.pair->value_end - found.pair->value_begin,
                   quoted);
    return checked(std::move(edited), meant);
  }
  std::string line;
  append_toml_key(line, path.back());
  line += " = " + quoted + "\n";
  if (!found.table_end) {
    edited += (ends_open(edited) ? "\n" : "") + new_table(path, line);
  } else {
    const std::string_view head = std::string_view(edited).substr(0, *found.table_end);
    edited.insert(*found.table_end, (ends_open(head) ? "\n" : "") + line);
  }
  return checked(std::move(edited), meant);
}

Result<std::string> prepend_toml_texts(std::string_view text, std::string_view key,
                                       std::span<const std::string_view> values) {
  TRY(auto meant, tree_of(text));
  if (meant.contains(key)) {
    return Error(Errc::toml_malformed, "`" + std::string(key) + "` is there already");
  }
  json::Array array;
  std::string line;
  append_toml_key(line, key);
  line += " = [";
  for (const auto value : values) {
    line += array.empty() ? "" : ", ";
    append_toml_string(line, value);
    array.emplace_back(value);
  }
  line += "]\n";
  meant.set(key, std::move(array));
  return checked(line + std::string(text), meant);
}

}  // namespace trustee::operators
