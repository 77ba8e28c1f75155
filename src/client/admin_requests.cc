#include "client/admin_requests.h"

#include <charconv>

#include "client/errors.h"
#include "codec/base64.h"
#include "codec/printable.h"

namespace trustee::client {
namespace {

constexpr std::string_view kUserAgent = "kbs-client/0.1.0";

HttpRequest request(std::string_view method, std::string path, std::string_view content_type,
                    const AdminToken& token, Bytes body = {}) {
  HttpRequest out;
  out.method = std::string(method);
  out.path = std::move(path);
  if (!content_type.empty()) out.headers.emplace_back("content-type", std::string(content_type));
  if (token) out.headers.emplace_back("authorization", "Bearer " + *token);
  out.headers.emplace_back("accept", "*/*");
  out.headers.emplace_back("user-agent", std::string(kUserAgent));
  out.body = to_vec(body);
  return out;
}

HttpRequest json_request(std::string path, json::Object body, const AdminToken& token) {
  const std::string text = json::write(std::move(body));
  return request("POST", std::move(path), "application/json", token, as_bytes(text));
}

}  // namespace

HttpRequest set_attestation_policy(std::string_view type, std::string_view id, Bytes policy,
                                   const AdminToken& token) {
  json::Object body;
  body.append("type", type);
  body.append("policy_id", id);
  body.append("policy", codec::base64url_encode(policy));
  return json_request("/kbs/v0/attestation-policy", std::move(body), token);
}

HttpRequest set_resource_policy(Bytes policy, const AdminToken& token) {
  json::Object body;
  body.append("policy", codec::base64url_encode(policy));
  return json_request("/kbs/v0/resource-policy", std::move(body), token);
}

HttpRequest set_resource(std::string_view path, Bytes resource, const AdminToken& token) {
  return request("POST", "/kbs/v0/resource/" + std::string(path), "application/octet-stream", token,
                 resource);
}

HttpRequest delete_resource(std::string_view path, const AdminToken& token) {
  return request("DELETE", "/kbs/v0/resource/" + std::string(path), "", token);
}

HttpRequest set_sample_reference_value(std::string_view name, const json::Value& value,
                                       const AdminToken& token) {
  json::Object payload;
  payload.append(std::string(name), value);
  json::Object body;
  body.append("payload", codec::base64_encode(as_bytes(json::write(std::move(payload)))));
  body.append("type", "sample");
  body.append("version", "0.1.0");
  return json_request("/kbs/v0/reference-value", std::move(body), token);
}

HttpRequest get_reference_value(std::string_view id, const AdminToken& token) {
  return request("GET", "/kbs/v0/reference-value/" + std::string(id), "application/json", token);
}

Result<json::Value> reference_value(std::string_view text, ValueKind kind, bool single) {
  json::Value value;
  switch (kind) {
    case ValueKind::text:
      value = json::Value(text);
      break;
    case ValueKind::integer: {
      std::int64_t n = 0;
      const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
      if (ec != std::errc() || end != text.data() + text.size()) {
        return Error(Errc::value_malformed, std::string(text) + " is not an integer");
      }
      value = json::Value(n);
      break;
    }
    case ValueKind::boolean: {
      if (text != "true" && text != "false") {
        return Error(Errc::value_malformed,
                     "provided string was not `true` or `false`: " + std::string(text));
      }
      const bool b = text == "true";
      value = json::Value(b);
      break;
    }
  }
  if (single) return value;
  json::Array list;
  list.push_back(std::move(value));
  return json::Value(std::move(list));
}

Result<void> check_admin_answer(const HttpAnswer& answer) {
  if (answer.status == 200) return {};
  std::string text = "Request Failed, Response: " + codec::debug_quoted(answer.body);
  text += "\n\nCaused by:\n    status " + std::to_string(answer.status);
  if (!answer.code.empty()) text += ", code " + codec::printable(answer.code);
  if (!answer.request_id.empty()) text += ", request " + codec::printable(answer.request_id);
  return Error(Errc::request_failed, std::move(text));
}

}  // namespace trustee::client
