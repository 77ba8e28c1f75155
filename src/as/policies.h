#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "appraise/default_policies.h"
#include "appraise/policy.h"
#include "base/result.h"
#include "kv/store.h"

namespace trustee::as {

/// The namespace of the store that holds the policies, each under `<id>.rego`.
inline constexpr std::string_view kPolicyNamespace = "attestation_service_policy";

/// Texts that earlier versions shipped under this id: SHA-384, hex.
struct Superseded {
  std::string_view id;
  std::string_view sha384;
};

/// Writes the default policies where their ids are free. One that is stored already is kept, unless
/// it is unchanged from an earlier version, named in `superseded`: then the new text takes its
/// place. Errors  of the store.      Cost  blocks: call it on the I/O pool.
Result<void> store_default_policies(kv::Namespace& store,
                                    std::span<const Superseded> superseded = {});

/// The Rego text in an upload. Errors: policy_not_base64, policy_not_utf8.
Result<std::string> decode_policy(std::string_view base64url);

/// Compiles a policy and stores it, replacing what its id held; one that does not compile leaves
/// the store alone. Errors  those of appraise::Policy::compile; of the store.      Cost  blocks.
Result<std::shared_ptr<const appraise::Policy>> set_policy(kv::Namespace& store, std::string id,
                                                           std::string_view text);

/// The ids of all stored policies, in the store's order.
/// Errors  policy_key_malformed (a key without `.rego`); of the store.      Cost  blocks.
Result<std::vector<std::string>> list_policies(kv::Namespace& store);

/// The text under `id`. Errors: appraise::policy_not_found, policy_not_utf8; of the store.
Result<std::string> get_policy(kv::Namespace& store, std::string_view id);

/// All stored policies, compiled; keys without `.rego` are left out.
/// Errors  of the store.      Cost  milliseconds for each; blocks.
Result<appraise::PolicySet> load_policies(kv::Namespace& store);

}  // namespace trustee::as
