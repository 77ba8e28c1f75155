#include "rcar/messages.h"

#include "base/try.h"
#include "rcar/version.h"

namespace trustee::rcar {
namespace {

/// One message: its members are moved out of it.
class Document {
 public:
  static Result<Document> parse(std::string_view text, std::size_t max_size) {
    TRY(json::Value value, json::parse(text, json::Duplicates::refuse, {.bytes = max_size}));
    return Document(std::move(value));
  }

  Result<json::Object*> object() { return object_in(value_, "message"); }

  static Result<json::Object*> object_in(json::Value& value, std::string_view what) {
    TRY_VOID(json::object_of(value, what));
    return value.as_object();
  }

 private:
  explicit Document(json::Value value) : value_(std::move(value)) {}
  json::Value value_;
};

Result<json::Value> take(json::Object& object, std::string_view name) {
  TRY_VOID(json::member(object, name));
  return std::move(*object.find(name));
}

Result<std::string> take_text(json::Object& object, std::string_view name) {
  TRY_VOID(json::string_member(object, name));
  return std::move(*object.find(name)->as_string());
}

Result<json::Object*> object_member(json::Object& object, std::string_view name) {
  TRY_VOID(json::member(object, name));
  return Document::object_in(*object.find(name), name);
}

Result<RuntimeData> take_runtime_data(json::Object& object) {
  RuntimeData out;
  TRY(out.nonce, take_text(object, "nonce"));
  TRY(const json::Value* const key, json::member(object, "tee-pubkey"));
  TRY(out.tee_pubkey, parse_tee_pubkey(*key));
  return out;
}

Result<CompositeEvidence> take_evidence(json::Object& object) {
  CompositeEvidence out;
  TRY(out.primary_evidence, take(object, "primary_evidence"));
  TRY(out.additional_evidence, take_text(object, "additional_evidence"));
  return out;
}

Result<std::optional<InitData>> take_init_data(json::Object& object) {
  const json::Value* const value = object.find("init-data");
  if (value == nullptr || value->is_null()) return std::optional<InitData>();
  TRY(json::Object* const members, object_member(object, "init-data"));
  InitData out;
  TRY(out.format, take_text(*members, "format"));
  TRY(out.body, take_text(*members, "body"));
  return std::optional(std::move(out));
}

}  // namespace

Result<Request> parse_request(std::string_view text) {
  TRY(Document document, Document::parse(text, kMaxSmallMessage));
  TRY(json::Object* const object, document.object());
  Request out;
  TRY(out.version, take_text(*object, "version"));
  TRY(const std::string* const name, json::string_member(*object, "tee"));
  const std::optional<Tee> tee = tee_from_name(*name);
  if (!tee.has_value()) return Error(Errc::unknown_tee, *name);
  out.tee = *tee;
  TRY(out.extra_params, take(*object, "extra-params"));
  return out;
}

std::string write(const Request& request) {
  return json::write(json::Object{{"version", request.version},
                                  {"tee", to_string(request.tee)},
                                  {"extra-params", request.extra_params}});
}

Request make_request(Tee tee) {
  json::Array names{"sha256", "sha384", "sha512", "sm3"};
  return {std::string(kProtocolVersion), tee,
          json::Object{{"supported-hash-algorithms", std::move(names)}}};
}

Result<Challenge> parse_challenge(std::string_view text) {
  TRY(Document document, Document::parse(text, kMaxSmallMessage));
  TRY(json::Object* const object, document.object());
  Challenge out;
  TRY(out.nonce, take_text(*object, "nonce"));
  TRY(out.extra_params, take(*object, "extra-params"));
  return out;
}

std::string write(const Challenge& challenge) {
  return json::write(
      json::Object{{"nonce", challenge.nonce}, {"extra-params", challenge.extra_params}});
}

Result<Attestation> parse_attestation(std::string_view text) {
  TRY(Document document, Document::parse(text, kMaxMessage));
  TRY(json::Object* const object, document.object());
  Attestation out;
  TRY(out.init_data, take_init_data(*object));
  TRY(json::Object* const runtime_data, object_member(*object, "runtime-data"));
  TRY(out.runtime_data, take_runtime_data(*runtime_data));
  TRY(json::Object* const evidence, object_member(*object, "tee-evidence"));
  TRY(out.tee_evidence, take_evidence(*evidence));
  return out;
}

std::string write(const Attestation& attestation) {
  json::Value init_data;
  if (attestation.init_data.has_value()) {
    init_data = json::Object{{"format", attestation.init_data->format},
                             {"body", attestation.init_data->body}};
  }
  const RuntimeData& runtime_data = attestation.runtime_data;
  const CompositeEvidence& evidence = attestation.tee_evidence;
  return json::write(json::Object{
      {"init-data", std::move(init_data)},
      {"runtime-data", json::Object{{"nonce", runtime_data.nonce},
                                    {"tee-pubkey", to_json(runtime_data.tee_pubkey)}}},
      {"tee-evidence", json::Object{{"primary_evidence", evidence.primary_evidence},
                                    {"additional_evidence", evidence.additional_evidence}}}});
}

Result<TokenResponse> parse_token_response(std::string_view text) {
  TRY(Document document, Document::parse(text, kMaxMessage));
  TRY(json::Object* const object, document.object());
  TokenResponse out;
  TRY(out.token, take_text(*object, "token"));
  return out;
}

std::string write(const TokenResponse& response) {
  return json::write(json::Object{{"token", response.token}});
}

Result<ErrorInformation> parse_error_information(std::string_view text) {
  TRY(Document document, Document::parse(text, kMaxSmallMessage));
  TRY(json::Object* const object, document.object());
  ErrorInformation out;
  TRY(out.type, take_text(*object, "type"));
  TRY(out.detail, take_text(*object, "detail"));
  return out;
}

std::string write(const ErrorInformation& error) {
  return json::write(json::Object{{"type", error.type}, {"detail", error.detail}});
}

}  // namespace trustee::rcar
