#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "rego/policy.h"

namespace trustee::appraise {

/// Longest policy id that is taken.
inline constexpr std::size_t kMaxPolicyId = 256;

/// An attestation policy: compiled once, evaluated for every claim set of its class.
/// Immutable; safe from many threads.
class Policy {
 public:
  /// Compiles a policy that somebody uploads; it must define `data.policy.trust_claims`.
  /// Errors  policy_does_not_load, policy_wrong_package, policy_lacks_rule,
  /// policy_unknown_function;
  ///         the detail says where and why. rego::library.
  /// Cost    milliseconds.
  static Result<std::shared_ptr<const Policy>> compile(std::string id, std::string_view text);
  /// Compiles a policy that is stored already, perhaps by an older release: a missing rule or an
  /// unknown function is found out when it is evaluated. Errors: policy_does_not_load.
  static Result<std::shared_ptr<const Policy>> compile_stored(std::string id,
                                                              std::string_view text);

  const std::string& id() const { return id_; }
  const std::string& text() const { return text_; }
  /// SHA-384 of the text, lower-case hex.
  const std::string& digest() const { return digest_; }
  const rego::Policy& engine() const { return engine_; }

  Policy(std::string id, std::string_view text, rego::Policy engine);

 private:
  std::string id_;
  std::string text_;
  std::string digest_;
  rego::Policy engine_;
};

/// The policies in force: an immutable snapshot from id to compiled policy.
class PolicySet {
 public:
  using Compiled = std::shared_ptr<const Policy>;

  /// The compiled policy. Errors: policy_not_found (detail: the id), or why the stored text of this
  /// id cannot be used.
  Result<Compiled> find(std::string_view id) const;
  /// This set with `policy` added or replaced.
  PolicySet with(Compiled policy) const;
  /// This set with the text stored under `id`, usable or not: a broken policy fails those who ask
  /// for it and nobody else.
  PolicySet with_stored(std::string id, Bytes text) const;
  std::vector<std::string> ids() const;

 private:
  std::map<std::string, Result<Compiled>, std::less<>> policies_;
};

}  // namespace trustee::appraise
