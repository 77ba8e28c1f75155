#include "bench/support/guest.h"

#include "bench/support/check.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "rcar/messages.h"

namespace trustee::bench {
namespace {

// The text of a string member whose value has no escapes.
std::string_view text_member(std::string_view json, std::string_view name) {
  const std::string mark = "\"" + std::string(name) + "\":\"";
  const std::size_t start = json.find(mark);
  if (start == std::string_view::npos) give_up("no " + mark + " in " + std::string(json));
  const std::string_view rest = json.substr(start + mark.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

Guest::Guest() : key_(must(crypto::PrivateKey::generate_ec(crypto::Curve::p256))) {
  const crypto::PublicKey key = key_.public_key();
  jwk_ = R"({"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":")" +
         codec::base64url_encode(must(key.ec_x())) + R"(","y":")" +
         codec::base64url_encode(must(key.ec_y())) + "\"}";
}

std::string Guest::request() { return rcar::write(rcar::make_request(rcar::Tee::sample)); }

std::string Guest::attestation(std::string_view challenge) const {
  const std::string nonce(text_member(challenge, "nonce"));
  const std::string bound =
      R"({"additional-evidence":"","nonce":")" + nonce + R"(","tee-pubkey":)" + jwk_ + "}";
  const auto digest = crypto::sha384(as_bytes(bound));
  return R"({"init-data":null,"runtime-data":{"nonce":")" + nonce + R"(","tee-pubkey":)" + jwk_ +
         R"(},"tee-evidence":{"primary_evidence":{"report_data":")" + codec::base64_encode(digest) +
         R"(","svn":"1"},"additional_evidence":""}})";
}

std::string Guest::cookie(std::string_view set_cookie) {
  return std::string(set_cookie.substr(0, set_cookie.find(';')));
}

std::string Guest::token(std::string_view reply) {
  return std::string(text_member(reply, "token"));
}

}  // namespace trustee::bench
