#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "client/transport.h"

// The administrator's requests (client-and-guest.md 1.4), byte for byte as the released client
// makes them. `token`: sent as `Authorization: Bearer <token>` when given, even when it is empty.

namespace trustee::client {

using AdminToken = std::optional<std::string>;

HttpRequest set_attestation_policy(std::string_view type, std::string_view id, Bytes policy,
                                   const AdminToken& token);
HttpRequest set_resource_policy(Bytes policy, const AdminToken& token);
HttpRequest set_resource(std::string_view path, Bytes resource, const AdminToken& token);
HttpRequest delete_resource(std::string_view path, const AdminToken& token);
HttpRequest set_sample_reference_value(std::string_view name, const json::Value& value,
                                       const AdminToken& token);
HttpRequest get_reference_value(std::string_view id, const AdminToken& token);

enum class ValueKind : std::uint8_t { text, integer, boolean };
/// The value to register: of that kind, as a list of one unless `single`. Integers of any 64-bit
/// size. Errors: value_malformed.
Result<json::Value> reference_value(std::string_view text, ValueKind kind, bool single);

/// Only 200 is success. Errors: request_failed: `Request Failed, Response: "<body quoted>"`, then
/// status, code and request id.
Result<void> check_admin_answer(const HttpAnswer& answer);

}  // namespace trustee::client
