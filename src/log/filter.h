#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "log/errors.h"
#include "log/record.h"

namespace trustee::log {

/// Which lines are written: a level for everything and levels for targets, as `RUST_LOG` says it.
class Filter {
 public:
  /// Directives a filter may have.
  static constexpr std::size_t kMaxDirectives = 64;

  /// Everything at `level` and graver.
  explicit Filter(Level level) : fallback_(level) {}

  /// Shape   directives separated by commas: `level`, `target=level` or `target` (which means all
  ///         its levels). Levels are error, warn, info, debug, trace and off, in any letter case. A
  ///         target also covers what begins with it (`kbs` covers `kbs::http`); the longest that
  ///         fits decides, of equal ones the last; what none covers has the bare level, or none at
  ///         all. So `none`, being the name of no target we have, enables nothing.
  /// Errors  filter_malformed.
  static Result<Filter> parse(std::string_view text);

  bool enabled(Level level, std::string_view target) const;

 private:
  using Limit = std::optional<Level>;  ///< the least grave level that passes; nothing: none does
  struct Directive {
    std::string target;
    Limit limit;
  };

  Filter() = default;
  Result<void> add(std::string_view directive);

  Limit fallback_;
  std::vector<Directive> directives_;  ///< longest target first
};

}  // namespace trustee::log
