#pragma once

#include <functional>
#include <string>
#include <utility>

#include "serve/testbed.h"

namespace trustee::serve {

/// A guest on simulated hardware: attests again and again, each time with evidence made for the
/// challenge.
class HardwareGuest {
 public:
  /// `evidence_for` makes the primary evidence of `tee` for 64 bytes of report data.
  using EvidenceFor = std::function<json::Value(Bytes report_data)>;
  HardwareGuest(Testbed& kbs, std::string tee, EvidenceFor evidence_for)
      : kbs_(kbs),
        tee_(std::move(tee)),
        evidence_for_(std::move(evidence_for)),
        key_(std::move(crypto::PrivateKey::generate_ec(crypto::Curve::p256)).value()) {}

  net::Response attest() {
    const auto challenge = kbs_.ask(
        "POST", "/kbs/v0/auth", R"({"version":"0.4.0","tee":")" + tee_ + R"(","extra-params":{}})");
    EXPECT_EQ(challenge.status, 200);
    const std::string nonce = rcar::parse_challenge(body_of(challenge))->nonce;
    return kbs_.ask("POST", "/kbs/v0/attest", attestation(nonce), cookie_of(challenge));
  }

 private:
  std::string attestation(const std::string& nonce) const {
    rcar::Attestation out;
    out.runtime_data = {nonce, *rcar::announce(key_.public_key(), jose::KeyWrap::ecdh_es_a256kw)};
    const auto digest = rcar::binding_digest(
        crypto::Hash::sha384, rcar::primary_runtime_data(out.runtime_data.tee_pubkey, nonce, ""));
    ByteVec report_data = to_vec(digest->bytes());
    report_data.resize(64, 0);
    out.tee_evidence.primary_evidence = evidence_for_(report_data);
    return rcar::write(out);
  }

  Testbed& kbs_;
  std::string tee_;
  EvidenceFor evidence_for_;
  crypto::PrivateKey key_;
};

/// The claims of the token in an answer to `attest`.
inline json::Value claims_in(const net::Response& response) {
  const json::Value answer = json::parse(body_of(response)).value();
  const std::string token = *json::string_member(*answer.as_object(), "token").value();
  const std::size_t from = token.find('.') + 1;
  const auto payload =
      codec::base64url_decode(std::string_view(token).substr(from, token.rfind('.') - from));
  return json::parse(as_text(*payload)).value();
}

}  // namespace trustee::serve
