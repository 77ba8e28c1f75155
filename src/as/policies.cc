#include "as/policies.h"

#include <optional>

#include "appraise/errors.h"
#include "as/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/utf8.h"
#include "crypto/digest.h"

namespace trustee::as {

namespace {

constexpr std::string_view kSuffix = ".rego";

std::string key_of(std::string_view id) { return std::string(id).append(kSuffix); }

std::optional<std::string> id_of(std::string_view key) {
  if (!key.ends_with(kSuffix)) return std::nullopt;
  return std::string(key.substr(0, key.size() - kSuffix.size()));
}

bool is_superseded(std::string_view id, Bytes text, std::span<const Superseded> superseded) {
  const std::string digest = codec::hex_encode(crypto::sha384(text));
  for (const Superseded& old : superseded) {
    if (old.id == id && old.sha384 == digest) return true;
  }
  return false;
}

}  // namespace

Result<void> store_default_policies(kv::Namespace& store, std::span<const Superseded> superseded) {
  for (const appraise::ShippedPolicy& policy : appraise::default_policies()) {
    const std::string key = key_of(policy.id);
    TRY(const kv::Put put, store.put(key, as_bytes(policy.text), kv::Overwrite::no));
    if (put == kv::Put::inserted || superseded.empty()) continue;
    TRY(const auto stored, store.get(key));
    if (stored.has_value() && is_superseded(policy.id, *stored, superseded)) {
      TRY_VOID(store.compare_and_swap(key, Bytes(*stored), as_bytes(policy.text)));
    }
  }
  return {};
}

Result<std::string> decode_policy(std::string_view base64url) {
  const auto bytes = codec::base64url_decode(base64url);
  if (!bytes.ok()) return Error(Errc::policy_not_base64, bytes.error().detail());
  if (!codec::is_utf8(*bytes)) return Error(Errc::policy_not_utf8);
  return std::string(as_text(*bytes));
}

Result<std::shared_ptr<const appraise::Policy>> set_policy(kv::Namespace& store, std::string id,
                                                           std::string_view text) {
  TRY(auto policy, appraise::Policy::compile(std::move(id), text));
  TRY_VOID(store.put(key_of(policy->id()), as_bytes(text), kv::Overwrite::yes));
  return policy;
}

Result<std::vector<std::string>> list_policies(kv::Namespace& store) {
  TRY(const auto keys, store.list());
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    auto id = id_of(key);
    if (!id.has_value()) return Error(Errc::policy_key_malformed, "`" + key + "`");
    out.push_back(std::move(*id));
  }
  return out;
}

Result<std::string> get_policy(kv::Namespace& store, std::string_view id) {
  TRY(const auto text, store.get(key_of(id)));
  if (!text.has_value()) return Error(appraise::Errc::policy_not_found, std::string(id));
  if (!codec::is_utf8(*text)) return Error(appraise::Errc::policy_not_utf8, std::string(id));
  return std::string(as_text(*text));
}

Result<appraise::PolicySet> load_policies(kv::Namespace& store) {
  TRY(const auto entries, store.entries());
  appraise::PolicySet out;
  for (const kv::Entry& entry : entries) {
    if (auto id = id_of(entry.key); id.has_value()) {
      out = out.with_stored(std::move(*id), entry.value);
    }
  }
  return out;
}

}  // namespace trustee::as
