#include "serve/administration.h"

#include "authz/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/errors.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "kbs/errors.h"
#include "kbs/problem.h"
#include "serve/reply.h"
#include "serve/resources.h"

namespace trustee::serve {
namespace {

constexpr std::size_t kMaxUpload = 4U << 20U;

// Why base64 text does not decode, in the words of the released system.
std::string base64_complaint(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '=') return "Invalid padding";
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    if (!good) {
      return "Invalid symbol " + std::to_string(static_cast<unsigned char>(c)) + ", offset " +
             std::to_string(i) + ".";
    }
  }
  if (text.size() % 4 == 1) return "Invalid input length: " + std::to_string(text.size());
  return "Invalid last symbol " + std::to_string(static_cast<unsigned char>(text.back())) +
         ", offset " + std::to_string(text.size() - 1) + ".";
}

// The length of the well-formed beginning of a text that is not UTF-8. Cost: linear.
std::size_t valid_utf8_up_to(Bytes text) {
  std::size_t good = 0;
  while (good < text.size()) {
    const std::uint8_t lead = text[good];
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size > text.size() - good || !codec::is_utf8(text.subspan(good, size))) break;
    good += size;
  }
  return good;
}

struct Upload {
  std::string text;
};

// The `policy` member of an upload, decoded. The problem has the exact texts of kbs.md 3.4.
std::variant<Upload, kbs::Problem> resource_policy_of(Bytes body) {
  const auto refuse = [](std::string_view text) {
    return kbs::parse_policy(text, Error(kbs::Errc::policy_upload_malformed));
  };
  const auto value =
      json::parse(as_text(body), json::Duplicates::last_wins, {.bytes = kMaxUpload, .depth = 64});
  if (!value.ok()) return refuse("Illegal SetPolicy Request Json");
  const json::Object* object = value->as_object();
  const json::Value* policy = object == nullptr ? nullptr : object->find("policy");
  if (policy == nullptr) return refuse("No `policy` field inside SetPolicy Request Json");
  const std::string* encoded = policy->as_string();
  if (encoded == nullptr) {
    return refuse("`policy` field is not a string in SetPolicy Request Json");
  }
  const auto decoded = codec::base64url_decode(*encoded);
  if (!decoded.ok()) return refuse("Failed to decode policy: " + base64_complaint(*encoded));
  if (!codec::is_utf8(*decoded)) {
    return refuse("Failed to decode policy: invalid utf-8 sequence of 1 bytes from index " +
                  std::to_string(valid_utf8_up_to(*decoded)));
  }
  return Upload{std::string(as_text(*decoded))};
}

struct AttestationUpload {
  std::string id;
  std::string text;
};

Result<AttestationUpload> attestation_policy_of(Bytes body) {
  TRY(const json::Value value,
      json::parse(as_text(body), json::Duplicates::refuse, {.bytes = kMaxUpload, .depth = 64}));
  TRY(const json::Object* object, json::object_of(value, "the upload"));
  TRY(const std::string* id, json::string_member(*object, "policy_id"));
  TRY(const std::string* encoded, json::string_member(*object, "policy"));
  TRY(const ByteVec text, codec::base64url_decode(*encoded));
  if (!codec::is_utf8(text)) return codec::Errc::utf8_malformed;
  return AttestationUpload{*id, std::string(as_text(text))};
}

kbs::Problem policy_problem(Error error) {
  const bool refused = error.is(authz::Errc::policy_refused);
  const std::string text = refused ? "Failed to load policy: " + error.detail()
                                   : "policy storage error: " + error.to_string();
  return kbs::policy_engine(text, std::move(error));
}

std::string joined_id(const Context& context) {
  std::string id;
  for (std::size_t i = 1; i < context.route.segments.size(); ++i) {
    if (i > 1) id += '/';
    id += context.route.segments[i];
  }
  return id;
}

}  // namespace

std::optional<net::Response> refuse_admin(Context& context, std::string_view endpoint) {
  auto grant = context.world->admin->decide(admin_request(context), context.now);
  if (grant.ok()) return std::nullopt;
  const Error& error = grant.error();
  const std::string reason = error.is(authz::Errc::admin_bearer_missing)
                                 ? error.detail()
                                 : "Admin access denied: " + error.detail();
  return refuse(context, kbs::admin_refused(endpoint, reason, error));
}

net::Task<net::Response> Administration::set_attestation_policy(Context& context) {
  if (auto refusal = refuse_admin(context, "attestation-policy")) co_return std::move(*refusal);
  auto work = [&]() -> Result<void> {
    TRY(const AttestationUpload upload, attestation_policy_of(context.request.body));
    return keeper_.set_attestation_policy(upload.id, upload.text);
  };
  auto task = store_.run(context.request.peer.key, std::move(work));
  auto done = co_await task;
  if (!done.ok()) {
    co_return refuse(context, kbs::set_attestation_policy_failed(std::move(done).error()));
  }
  co_return empty_response();
}

net::Task<net::Response> Administration::set_resource_policy(Context& context) {
  if (auto refusal = refuse_admin(context, "resource-policy")) co_return std::move(*refusal);
  auto upload = resource_policy_of(context.request.body);
  if (auto* problem = std::get_if<kbs::Problem>(&upload)) co_return refuse(context, *problem);
  auto work = [&] { return keeper_.set_resource_policy(std::get<Upload>(upload).text); };
  auto task = store_.run(context.request.peer.key, std::move(work));
  auto done = co_await task;
  if (!done.ok()) co_return refuse(context, policy_problem(std::move(done).error()));
  co_return empty_response();
}

net::Task<net::Response> Administration::list_resource_policies(Context& context) {
  if (auto refusal = refuse_admin(context, "resource-policy")) co_return std::move(*refusal);
  auto work = [&] { return keeper_.resource_policy_ids(); };
  auto task = store_.run(context.request.peer.key, std::move(work));
  auto ids = co_await task;
  if (!ids.ok()) co_return refuse(context, policy_problem(std::move(ids).error()));
  json::Array array;
  for (auto& id : *ids) {
    array.emplace_back(std::move(id));
  }
  co_return json_response(json::write(std::move(array)));
}

net::Task<net::Response> Administration::set_reference_value(Context& context) {
  if (auto refusal = refuse_admin(context, "reference-value")) co_return std::move(*refusal);
  if (!codec::is_utf8(context.request.body)) {
    co_return refuse(context, kbs::rvps("Failed to parse reference value message",
                                        Error(kbs::Errc::message_not_utf8)));
  }
  auto work = [&] {
    return keeper_.register_references(as_text(context.request.body), context.now);
  };
  auto task = store_.run(context.request.peer.key, std::move(work));
  auto done = co_await task;
  if (!done.ok()) {
    co_return refuse(context,
                     kbs::rvps("Failed to register reference value: register reference value",
                               std::move(done).error()));
  }
  co_return json_response("");
}

net::Task<net::Response> Administration::get_reference_value(Context& context) {
  if (auto refusal = refuse_admin(context, "reference-value")) co_return std::move(*refusal);
  const std::string id = joined_id(context);
  constexpr std::string_view kFailed = "Failed to get reference_values: ";
  auto work = [&]() -> Result<std::optional<json::Value>> {
    if (id.empty()) return Error(kbs::Errc::reference_value_absent, "the request names none");
    return keeper_.reference_value(id, context.now);
  };
  auto task = store_.run(context.request.peer.key, std::move(work));
  auto value = co_await task;
  if (!value.ok()) {
    co_return refuse(context, kbs::rvps(std::string(kFailed) + "query reference values",
                                        std::move(value).error()));
  }
  if (!value->has_value()) {
    co_return refuse(context, kbs::rvps(std::string(kFailed) +
                                            "No reference value found for the given id: " + id,
                                        Error(kbs::Errc::reference_value_absent, id)));
  }
  co_return json_response(json::write(**value));
}

}  // namespace trustee::serve
