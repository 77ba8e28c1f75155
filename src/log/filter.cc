#include "log/filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/try.h"
#include "codec/blank.h"

namespace trustee::log {
namespace {

constexpr std::array<std::pair<std::string_view, std::optional<Level>>, 6> kLevels{
    {{"off", std::nullopt},
     {"error", Level::error},
     {"warn", Level::warn},
     {"info", Level::info},
     {"debug", Level::debug},
     {"trace", Level::trace}}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The level of that name; the outer optional is empty when the word is no level.
std::optional<std::optional<Level>> level_named(std::string_view word) {
  std::string small(word);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  for (const auto& [name, level] : kLevels) {
    if (name == small) return std::optional<std::optional<Level>>(std::in_place, level);
  }
  return std::nullopt;
}

/// A path of identifiers, e.g. `kbs::http`; digits do not begin it.
bool is_target(std::string_view word) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-:.";
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  return !word.empty() && kFirst.find(word.front()) != std::string_view::npos &&
         word.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Result<void> Filter::add(std::string_view directive) {
  const std::size_t equals = directive.find('=');
  const std::string_view target = directive.substr(0, equals);
  if (equals == std::string_view::npos) {
    if (const auto level = level_named(target); level.has_value()) {
      fallback_ = *level;
      return {};
    }
  }
  const auto level = equals == std::string_view::npos ? std::optional<Limit>(Level::trace)
                                                      : level_named(directive.substr(equals + 1));
  if (!is_target(target) || !level.has_value()) {
    return Error(Errc::filter_malformed, "near '" + std::string(directive.substr(0, 64)) + "'");
  }
  for (Directive& d : directives_) {
    if (d.target != target) continue;
    d.limit = *level;
    return {};
  }
  if (directives_.size() == kMaxDirectives) {
    return Error(Errc::filter_malformed, "too many directives");
  }
  directives_.push_back({std::string(target), *level});
  return {};
}

Result<Filter> Filter::parse(std::string_view text) {
  Filter filter;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view directive = codec::trimmed(text.substr(0, comma), codec::kBlank);
    if (!directive.empty()) TRY_VOID(filter.add(directive));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  auto& all = filter.directives_;
  std::sort(all.begin(), all.end(), [](const Directive& a, const Directive& b) {
    return a.target.size() > b.target.size();
  });
  return filter;
}

bool Filter::enabled(Level level, std::string_view target) const {
  for (const Directive& d : directives_) {
    if (target.starts_with(d.target)) return d.limit.has_value() && level <= *d.limit;
  }
  return fallback_.has_value() && level <= *fallback_;
}

}  // namespace trustee::log
