#include "tests/support/tpm_builder.h"

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace trustee {

namespace {

void put(ByteVec& out, std::uint64_t n, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(n >> (8 * (size - 1 - i))));
  }
}

void put_sized(ByteVec& out, Bytes content) {
  put(out, content.size(), 2);
  out.insert(out.end(), content.begin(), content.end());
}

ByteVec sha256_of(Bytes a, Bytes b) {
  return to_vec(crypto::digest(crypto::Hash::sha256, {a, b}).bytes());
}

}  // namespace

TpmQuoteBuilder::TpmQuoteBuilder() {
  for (std::size_t i = 0; i < pcrs_.size(); ++i) {
    pcrs_[i] = ByteVec(32, static_cast<std::uint8_t>(i == 8 ? 0 : i + 1));
  }
  selections_ = {{0x000B, {0xFF, 0xFF, 0xFF}}};
}

TpmQuoteBuilder& TpmQuoteBuilder::with_nonce(Bytes nonce) {
  nonce_ = to_vec(nonce);
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_pcr(std::size_t number, Bytes value) {
  pcrs_.at(number) = to_vec(value);
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_init_data(Bytes hash) {
  pcrs_[8] = sha256_of(ByteVec(32, 0), hash);
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_magic(std::uint32_t magic) {
  magic_ = magic;
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_type(std::uint16_t type) {
  type_ = type;
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_selections(
    std::vector<std::pair<std::uint16_t, ByteVec>> selections) {
  selections_ = std::move(selections);
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_pcr_digest(Bytes digest) {
  pcr_digest_ = to_vec(digest);
  return *this;
}
TpmQuoteBuilder& TpmQuoteBuilder::with_trailing_byte() {
  trailing_byte_ = true;
  return *this;
}

ByteVec TpmQuoteBuilder::message() const {
  ByteVec out;
  put(out, magic_, 4);
  put(out, type_, 2);
  ByteVec signer = {0x00, 0x0B};
  signer.resize(34, 0x5A);
  put_sized(out, signer);
  put_sized(out, nonce_);
  put(out, 123456, 8);              // clock
  put(out, 7, 4);                   // resets
  put(out, 0, 4);                   // restarts
  put(out, 1, 1);                   // safe
  put(out, 0x2024012500120000, 8);  // firmware
  put(out, selections_.size(), 4);
  for (const auto& [hash, mask] : selections_) {
    put(out, hash, 2);
    put(out, mask.size(), 1);
    out.insert(out.end(), mask.begin(), mask.end());
  }
  ByteVec all;
  for (const ByteVec& pcr : pcrs_) all.insert(all.end(), pcr.begin(), pcr.end());
  put_sized(out, pcr_digest_.empty() ? sha256_of(all, {}) : pcr_digest_);
  if (trailing_byte_) out.push_back(0);
  return out;
}

ByteVec TpmQuoteBuilder::signature(const crypto::PrivateKey& key) const {
  ByteVec out;
  const bool rsa = key.type() == crypto::KeyType::rsa;
  put(out, rsa ? 0x0014 : 0x0018, 2);
  put(out, 0x000B, 2);
  const ByteVec raw =
      key.sign(rsa ? crypto::SignatureScheme::rs256 : crypto::SignatureScheme::es256, message())
          .value();
  if (rsa) {
    put_sized(out, raw);
  } else {
    put_sized(out, Bytes(raw).first(32));
    put_sized(out, Bytes(raw).last(32));
  }
  return out;
}

std::string TpmQuoteBuilder::evidence(const crypto::PrivateKey& key) const {
  json::Array pcrs;
  for (const ByteVec& pcr : pcrs_) pcrs.emplace_back(codec::hex_encode(pcr));
  return json::write(
      json::Object{{"ak_public", codec::base64_encode(key.public_key().spki())},
                   {"tpm_quote", json::Object{{"signature", codec::base64_encode(signature(key))},
                                              {"message", codec::base64_encode(message())},
                                              {"pcrs", std::move(pcrs)}}}});
}

ByteVec tpm_public_area(const crypto::PublicKey& key, std::uint32_t attributes) {
  ByteVec out;
  const bool rsa = key.type() == crypto::KeyType::rsa;
  put(out, rsa ? 0x0001 : 0x0023, 2);
  put(out, 0x000B, 2);
  put(out, attributes, 4);
  put(out, 0, 2);       // authPolicy
  put(out, 0x0010, 2);  // no symmetric algorithm
  put(out, rsa ? 0x0014 : 0x0018, 2);
  put(out, 0x000B, 2);
  if (rsa) {
    put(out, key.bits(), 2);
    put(out, 0, 4);  // 65537
    put_sized(out, key.rsa_n().value());
  } else {
    put(out, 3, 2);       // NIST P-256
    put(out, 0x0010, 2);  // no key derivation
    put_sized(out, key.ec_x().value());
    put_sized(out, key.ec_y().value());
  }
  return out;
}

const crypto::PrivateKey& test_rsa_ak() {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_rsa(2048).value();
  return key;
}
const crypto::PrivateKey& test_ecc_ak() {
  static const crypto::PrivateKey key =
      crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
  return key;
}

}  // namespace trustee
