#include "kv/store.h"

#include "base/try.h"

namespace trustee::kv {
namespace {

bool is_key_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '/' || c == '-';
}

}  // namespace

Result<void> check_namespace(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return Errc::invalid_namespace;
  std::size_t start = 0;
  while (true) {
    const std::size_t slash = name.find('/', start);
    const std::string_view segment = name.substr(
        start, slash == std::string_view::npos ? std::string_view::npos : slash - start);
    if (segment.empty() || segment == "." || segment == "..") return Errc::invalid_namespace;
    if (slash == std::string_view::npos) return {};
    start = slash + 1;
  }
}

Result<void> check_key(std::string_view key) {
  for (const char c : key) {
    if (!is_key_character(c)) return Errc::invalid_key;
  }
  return {};
}

Result<std::vector<Content>> read_each(Store& store, std::span<const std::string> names) {
  std::vector<Content> out;
  out.reserve(names.size());
  for (const std::string& name : names) {
    TRY(const auto space, store.open(name));
    TRY(auto entries, space->entries());
    out.push_back({name, std::move(entries)});
  }
  return out;
}

}  // namespace trustee::kv
