#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/types.h"
#include "log/logger.h"
#include "tee/tee.h"

namespace trustee::apps {

/// What the programs decide and the configuration does not.
struct ServiceOptions {
  /// Id of the shipped resource policy that an empty store gets, e.g. `resource_default`.
  std::string default_resource_policy = "resource_default";
  /// Roots and checks of all verification. The shipped programs use the vendors' roots.
  std::optional<tee::Trust> trust{};
};

/// A KBS with the attestation service and the reference value provider built in: made from its
/// configuration, then run until a signal ends it.
class KbsService {
 public:
  /// Does everything that can fail, in the order of kbs.md 1.3: stores, plugins, trust in tokens,
  /// policies, administrators, attestation, sockets. Errors: those of every part, and
  /// config::not_supported_yet. Lifetime: `clock` and the journal behind `logger` outlive it.
  static Result<std::unique_ptr<KbsService>> create(const config::Kbs& config,
                                                    ServiceOptions options, const Clock& clock,
                                                    log::Logger logger);
  ~KbsService();
  KbsService(const KbsService&) = delete;
  KbsService& operator=(const KbsService&) = delete;

  /// Serves until SIGTERM (drains) or SIGINT, SIGQUIT (at once).
  void run();
  /// Ends `run` from another thread, draining.
  void stop();
  const std::vector<std::uint16_t>& ports() const;

  struct State;

 private:
  explicit KbsService(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace trustee::apps
