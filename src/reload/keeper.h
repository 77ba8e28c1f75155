#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "appraise/policy.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "codec/json.h"
#include "kv/store.h"
#include "reload/store_notices.h"
#include "world/worlds.h"

namespace trustee::reload {

/// The parts of the world that live in a store and may change behind our back.
enum class Part : std::uint8_t { resource_policy, attestation_policies, references };
inline constexpr std::size_t kParts = 3;

/// Where they live.
struct Sources {
  std::shared_ptr<kv::Namespace> policies;              ///< `kbs`
  std::shared_ptr<kv::Namespace> attestation_policies;  ///< `attestation_service_policy`
  std::shared_ptr<kv::Namespace> references;            ///< `reference_value`
};

inline constexpr std::string_view kResourcePolicyKey = "resource-policy.rego";
/// Where there is none under that key: the name that older releases give it (operator.md 10.1, C7).
inline constexpr std::string_view kOlderPolicyKey = "policy.rego";

/// Keeps the world in step with the stores. A change is read, compiled and validated aside, then
/// swapped in; what is unusable is refused, and the last good part stays in force (a policy that
/// never was usable denies everything). Writes through the keeper go to the store first, and are
/// in force when they return; what others write is, after the next look. Calls other than
/// `is_behind` block: run them on the I/O pool. Safe from many threads.
class Keeper {
 public:
  using Notice = std::function<void(std::string)>;  ///< for the operator's log; any thread

  Keeper(Sources sources, world::Worlds& worlds, Notice notice);

  /// Stores the policies that ship where the store has none, then loads every part. Attestation
  /// policies that ship and cannot be stored are in force all the same; of a resource policy, which
  /// is the site's own, the store decides; where none ships, it has one or there is none. Errors:
  /// of the stores. An unusable stored policy is no error: the world says why it is not ready; nor
  /// are malformed reference values: there are none.
  Result<void> start(std::optional<std::string_view> default_resource_policy);

  /// Loads what has changed in the stores since it was loaded. What cannot be read is told once,
  /// and asked for again at the next look.
  void look();
  /// Looks, unless a look that ended meanwhile took in what `is_behind` was about: of many callers
  /// at once one looks.
  void catch_up();
  /// Whether the system noticed a change of the stores' files that no look has ended after: catch
  /// up before relying on the world. Stores without files, and those of other machines, are looked
  /// at by the clock alone. Cost: one system call, which never waits.
  bool is_behind() const {
    // In this order: notices that a look takes meanwhile are told by the flag it raised before.
    return notices_.pending() || catching_up_.load();
  }
  /// Whether the part's namespace has changed since it was loaded. Cost: one stat or one counter.
  /// A store that cannot be asked counts as changed, so that the reload reports it.
  bool stale(Part part);
  /// Loads the part again if it is stale. Errors: of the store; the old part stays in force.
  Result<void> refresh(Part part);

  /// Compiles, stores, swaps. Errors: authz::policy_refused; of the store.
  Result<void> set_resource_policy(std::string_view text);
  /// `id` as in the request, e.g. `default_cpu`. Errors: appraise policy errors; of the store.
  Result<void> set_attestation_policy(const std::string& id, std::string_view text);
  /// The ids in the namespace: keys with `.rego`, without that suffix, sorted.
  Result<std::vector<std::string>> resource_policy_ids();
  /// The value as it was stored, numbers with their text. Errors: reference errors; of the store.
  Result<std::optional<json::Value>> reference_value(std::string_view id, Time now);
  /// All values of one provenance message, or none. Errors: reference errors; of the store.
  Result<void> register_references(std::string_view message, Time now);

 private:
  Result<void> ship_resource_policy(std::string_view text);
  Result<void> ship_attestation_policies() TRUSTEE_REQUIRES(writer_);
  Result<std::optional<ByteVec>> stored_resource_policy();
  Result<void> load(Part part) TRUSTEE_REQUIRES(writer_);
  Result<void> load_resource_policy() TRUSTEE_REQUIRES(writer_);
  Result<void> load_attestation_policies() TRUSTEE_REQUIRES(writer_);
  Result<void> load_references() TRUSTEE_REQUIRES(writer_);
  void skip_own_step(Part part) TRUSTEE_REQUIRES(writer_);
  kv::Namespace& source(Part part);
  void look_now() TRUSTEE_REQUIRES(looking_);
  void watch_directories() TRUSTEE_REQUIRES(looking_);

  Sources sources_;
  world::Worlds& worlds_;
  Notice notice_;
  StoreNotices notices_;
  std::atomic<bool> catching_up_ = false;  ///< notices were taken by a look that has not ended
  Mutex looking_;
  bool unwatched_ TRUSTEE_GUARDED_BY(looking_) = false;  ///< as the operator knows
  Mutex writer_;
  /// Policies that ship and that the store did not take.
  appraise::PolicySet unstored_ TRUSTEE_GUARDED_BY(writer_);
  /// Why a part cannot be read, as the operator knows.
  std::array<std::string, kParts> told_ TRUSTEE_GUARDED_BY(writer_);
  std::array<std::atomic<std::uint64_t>, kParts> seen_{};
};

/// Has a keeper look once a second, on a thread of its own, from its creation to its end. Lifetime:
/// the keeper outlives it.
class StoreLookout {
 public:
  explicit StoreLookout(Keeper& keeper);

 private:
  std::jthread thread_;
};

}  // namespace trustee::reload
