#include "client/guest.h"

#include "base/try.h"
#include "client/errors.h"
#include "codec/printable.h"
#include "jose/jwt.h"
#include "rcar/binding.h"

namespace trustee::client {
namespace {

constexpr std::string_view kUserAgent = "attestation-agent-kbs-client/0.1.0";
constexpr std::string_view kPrefix = "/kbs/v0/";

// Error names after which attesting again can help; everything else is final.
bool wants_attestation(std::string_view type) {
  for (const std::string_view name : {"/TokenNotFound", "/TokenVerifierError"}) {
    if (type.ends_with(name)) return true;
  }
  return false;
}

std::string_view name_of(std::string_view type) {
  const std::size_t slash = type.rfind('/');
  return slash == std::string_view::npos ? type : type.substr(slash + 1);
}

// What a person needs to go on: the server's words, its code, who must act, which request it was.
std::string described(const HttpAnswer& answer, const rcar::ErrorInformation& info) {
  std::string out = codec::printable(name_of(info.type)) + ": " + codec::printable(info.detail);
  if (!answer.code.empty()) out += "\n    code " + codec::printable(answer.code);
  if (!answer.actor.empty()) out += ", " + codec::printable(answer.actor) + " must act";
  if (!answer.request_id.empty()) out += "\n    request " + codec::printable(answer.request_id);
  return out;
}

Error refusal(Errc code, std::string_view headline, const HttpAnswer& answer) {
  const auto info = rcar::parse_error_information(answer.body);
  const std::string words =
      info.ok() ? described(answer, *info)
                : "status " + std::to_string(answer.status) + ": " +
                      codec::printable(std::string_view(answer.body).substr(0, 500));
  return Error(code, std::string(headline) + "\n\nCaused by:\n    " + words);
}

Result<std::string> target_of(std::string_view path) {
  if (path.find_first_of("\"\\") != std::string_view::npos) return Errc::path_malformed;
  return std::string(kPrefix) + "resource/" + std::string(path);
}

HttpRequest get_request(std::string target) {
  HttpRequest out;
  out.method = "GET";
  out.path = std::move(target);
  out.headers = {{"accept", "*/*"}, {"user-agent", std::string(kUserAgent)}};
  return out;
}

// The sentence of the code before what was found.
Error worded(const Error& e) {
  return Error(e.code(), std::string(e.code().text()) + ": " + codec::printable(e.detail()));
}

Error malformed(const Error& why) {
  return {Errc::answer_malformed, codec::printable(why.to_string())};
}

// An answer that is neither the resource nor a wish for attestation.
Error final_refusal(const HttpAnswer& answer) {
  if (answer.status == 401) return refusal(Errc::unauthorized, "request unauthorized", answer);
  if (answer.status == 404) return refusal(Errc::resource_not_found, "resource not found", answer);
  return refusal(Errc::server_failed, "KBS Server Internal Failed", answer);
}

}  // namespace

Result<rcar::Attestation> attestation_for(const rcar::Challenge& challenge,
                                          EvidenceSource& evidence, const rcar::TeePubKey& key,
                                          const std::optional<std::string>& init_data) {
  const auto hash = rcar::selected_hash(challenge.extra_params);
  if (!hash.ok()) return worded(hash.error());
  rcar::Attestation out;
  if (init_data) out.init_data = rcar::InitData{"toml", *init_data};
  out.runtime_data = {challenge.nonce, key};
  TRY(const crypto::Digest device_digest,
      rcar::binding_digest(*hash, rcar::device_runtime_data(key, challenge.nonce)));
  TRY(std::string additional, evidence.additional(device_digest.bytes()));
  TRY(const crypto::Digest digest,
      rcar::binding_digest(*hash, rcar::primary_runtime_data(key, challenge.nonce, additional)));
  TRY(json::Value primary, evidence.evidence(digest.bytes()));
  out.tee_evidence = {std::move(primary), std::move(additional)};
  return out;
}

Guest::Guest(Transport& transport, EvidenceSource& evidence, TeeKey key,
             std::optional<std::string> init_data)
    : transport_(transport),
      evidence_(evidence),
      key_(std::move(key)),
      init_data_(std::move(init_data)) {}

Result<HttpAnswer> Guest::exchange(HttpRequest request) {
  std::string cookies = cookies_.field();
  if (!cookies.empty()) request.headers.emplace_back("cookie", std::move(cookies));
  TRY(HttpAnswer answer, transport_.exchange(request));
  cookies_.take(answer.set_cookies);
  return answer;
}

Result<HttpAnswer> Guest::post(std::string_view path, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.path = std::string(kPrefix) + std::string(path);
  request.headers = {{"content-type", "application/json"},
                     {"accept", "*/*"},
                     {"user-agent", std::string(kUserAgent)}};
  request.body = to_vec(as_bytes(body));
  return exchange(std::move(request));
}

Result<std::string> Guest::attest() {
  cookies_.forget(Cookies::kSession);
  TRY(const HttpAnswer answer, post("auth", rcar::write(rcar::make_request(evidence_.primary()))));
  if (answer.status == 401) {
    return refusal(Errc::attestation_refused, "KBS request unauthorized", answer);
  }
  if (answer.status != 200) {
    return refusal(Errc::server_failed, "KBS Server Internal Failed", answer);
  }
  if (!cookies_.has(Cookies::kSession)) return Errc::no_session_cookie;
  return send_evidence(answer.body);
}

Result<std::string> Guest::send_evidence(const std::string& challenge_text) {
  const auto challenge = rcar::parse_challenge(challenge_text);
  if (!challenge.ok()) return malformed(challenge.error());
  TRY(const rcar::Attestation attestation,
      attestation_for(*challenge, evidence_, key_.announced(), init_data_));
  TRY(const HttpAnswer answer, post("attest", rcar::write(attestation)));
  if (answer.status == 401) {
    return refusal(Errc::attestation_refused, "KBS attest unauthorized", answer);
  }
  if (answer.status != 200) {
    return refusal(Errc::server_failed, "KBS Server Internal Failed", answer);
  }
  const auto token = rcar::parse_token_response(answer.body);
  if (!token.ok()) return malformed(token.error());
  const auto validity = jose::unverified_validity(token->token);
  if (!validity.ok()) return malformed(validity.error());
  return token->token;
}

Result<SecretBytes> Guest::get_resource(std::string_view path) {
  TRY(const std::string target, target_of(path));
  for (int attempt = 1;; ++attempt) {
    TRY(const HttpAnswer answer, exchange(get_request(target)));
    if (answer.status == 200) return key_.open(answer.body);
    const auto info = rcar::parse_error_information(answer.body);
    if (answer.status != 401 || !info.ok() || !wants_attestation(info->type)) {
      return final_refusal(answer);
    }
    if (attempt == kResourceAttempts) {
      return refusal(Errc::too_many_attempts, "request unauthorized", answer);
    }
    if (on_notice) on_notice(name_of(info->type));
    TRY_VOID(attest());
  }
}

Result<void> check_token_text(std::string_view token) {
  if (const auto validity = jose::unverified_validity(token); !validity.ok()) {
    return Error(Errc::token_malformed,
                 "read token\n\nCaused by:\n    " + validity.error().to_string());
  }
  return {};
}

Result<SecretBytes> get_resource_with_token(Transport& transport, const TeeKey& key,
                                            std::string_view token, std::string_view path) {
  TRY(std::string target, target_of(path));
  HttpRequest request = get_request(std::move(target));
  request.headers.insert(request.headers.begin(),
                         {"authorization", "Bearer " + std::string(token)});
  TRY(const HttpAnswer answer, transport.exchange(request));
  if (answer.status == 200) return key.open(answer.body);
  return final_refusal(answer);
}

}  // namespace trustee::client
