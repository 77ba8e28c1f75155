#include "control/undeclared.h"

#include <span>

namespace trustee::control {
namespace {

constexpr std::string_view kMark = ": field not declared in schema";
constexpr std::string_view kNoMember = " \t\n,;:[]{}()\"'";

std::vector<std::string> members_of(std::string_view path) {
  std::vector<std::string> out;
  while (path.starts_with('.')) {
    path.remove_prefix(1);
    const std::size_t end = path.find('.');
    out.emplace_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  return out;
}

bool drop(json::Object& body, std::span<const std::string> path) {
  if (path.size() == 1) return body.remove(path.front()).has_value();
  json::Value* inner = body.find(path.front());
  if (inner == nullptr || inner->as_object() == nullptr) return false;
  return drop(*inner->as_object(), path.subspan(1));
}

}  // namespace

std::vector<std::vector<std::string>> undeclared_fields(std::string_view message) {
  std::vector<std::vector<std::string>> out;
  for (std::size_t at = message.find(kMark); at != std::string_view::npos;
       at = message.find(kMark, at + 1)) {
    const std::size_t before = message.substr(0, at).find_last_of(kNoMember);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    auto members = members_of(message.substr(begin, at - begin));
    if (!members.empty()) out.push_back(std::move(members));
  }
  return out;
}

bool drop_field(json::Object& body, const std::vector<std::string>& path) {
  return !path.empty() && drop(body, path);
}

}  // namespace trustee::control
