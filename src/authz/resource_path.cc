#include "authz/resource_path.h"

#include "authz/errors.h"

namespace trustee::authz {
namespace {

bool is_lead(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_part(std::string_view part) {
  if (part.empty() || !is_lead(part.front())) return false;
  for (const char c : part) {
    if (!is_lead(c) && c != '.') return false;
  }
  return true;
}

}  // namespace

Result<ResourcePath> ResourcePath::parse(std::string_view text) {
  int parts = 0;
  std::string_view rest = text;
  while (true) {
    const std::size_t slash = rest.find('/');
    if (!is_part(rest.substr(0, slash)) || ++parts > 3) return Errc::resource_path_malformed;
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (parts != 3) return Errc::resource_path_malformed;
  return ResourcePath(std::string(text));
}

Result<ResourcePath> ResourcePath::from_segments(std::span<const std::string> segments) {
  std::string joined;
  for (const auto& segment : segments) {
    if (&segment != segments.data()) joined += '/';
    joined += segment;
  }
  return parse(joined);
}

}  // namespace trustee::authz
