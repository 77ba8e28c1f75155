#include "as/bound_data.h"

#include <utility>

#include "as/errors.h"
#include "as/init_data.h"
#include "base/try.h"
#include "rcar/binding.h"

namespace trustee::as {

namespace {

Result<BoundData> bound(Absent, crypto::Hash) { return BoundData{}; }

Result<BoundData> bound(RawBytes raw, crypto::Hash) {
  return BoundData{std::move(raw.bytes), nullptr};
}

Result<BoundData> bound(Structured data, crypto::Hash hash) {
  auto digest = rcar::binding_digest(hash, data.value);
  if (!digest.ok()) {
    return Error(Errc::runtime_data_not_canonicalisable, digest.error().to_string());
  }
  return BoundData{to_vec(digest->bytes()), std::move(data.value)};
}

Result<BoundData> bound_init(Absent) { return BoundData{}; }

Result<BoundData> bound_init(RawBytes raw) { return BoundData{std::move(raw.bytes), nullptr}; }

Result<BoundData> bound_init(Toml toml) {
  TRY(auto document, parse_init_data(toml.text));
  const auto digest = crypto::digest(document.hash, as_bytes(toml.text));
  return BoundData{to_vec(digest.bytes()), claims_of_init_data(std::move(document))};
}

}  // namespace

Result<crypto::Hash> parse_hash(std::string_view name) {
  const auto hash = crypto::hash_from_name_any_case(name);
  if (!hash.has_value()) return Error(Errc::hash_unknown, std::string(name.substr(0, 32)));
  return *hash;
}

Result<BoundData> bind_runtime_data(RuntimeData data, crypto::Hash hash) {
  return std::visit([&](auto&& form) { return bound(std::forward<decltype(form)>(form), hash); },
                    std::move(data));
}

Result<BoundData> bind_init_data(InitData data) {
  return std::visit([](auto&& form) { return bound_init(std::forward<decltype(form)>(form)); },
                    std::move(data));
}

}  // namespace trustee::as
