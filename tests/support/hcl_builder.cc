#include "tests/support/hcl_builder.h"

#include <algorithm>
#include <cctype>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace trustee {

namespace {

void put_le32(ByteVec& out, std::size_t at, std::uint32_t n) {
  for (std::size_t i = 0; i < 4; ++i) {
    out.at(at + i) = static_cast<std::uint8_t>(n >> (8 * i));
  }
}

void put_bytes(ByteVec& out, std::size_t at, Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out.at(at + i) = bytes[i];
  }
}

}  // namespace

HclBuilder::HclBuilder(const crypto::PublicKey& ak)
    : ak_n_(codec::base64url_encode(ak.rsa_n().value())), user_data_(128, '0') {}

HclBuilder& HclBuilder::with_user_data(Bytes data) {
  user_data_ = codec::hex_encode(regularised<64>(data));
  std::transform(user_data_.begin(), user_data_.end(), user_data_.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return *this;
}
HclBuilder& HclBuilder::with_user_data_text(const std::string& text) {
  user_data_ = text;
  return *this;
}
HclBuilder& HclBuilder::without_user_data() {
  has_user_data_ = false;
  return *this;
}
HclBuilder& HclBuilder::with_ak_name(const std::string& kid) {
  ak_name_ = kid;
  return *this;
}
HclBuilder& HclBuilder::with_hash_type(std::uint32_t type) {
  hash_type_ = type;
  return *this;
}
HclBuilder& HclBuilder::with_signature(std::uint32_t signature) {
  signature_ = signature;
  return *this;
}

std::string HclBuilder::variable_data() const {
  json::Object ak{{"kid", ak_name_},
                  {"key_ops", json::Array{"sign"}},
                  {"kty", "RSA"},
                  {"e", "AQAB"},
                  {"n", ak_n_}};
  json::Object out{
      {"keys", json::Array{std::move(ak)}},
      {"vm-configuration", json::Object{{"secure-boot", true}, {"tpm-enabled", true}}}};
  if (has_user_data_) out.append("user-data", user_data_);
  return json::write(out);
}

ByteArray<64> HclBuilder::report_data() const {
  const std::string data = variable_data();
  return regularised<64>(crypto::sha256(as_bytes(data)));
}

ByteVec HclBuilder::report(std::uint32_t type, Bytes hardware_report) const {
  const std::string data = variable_data();
  const auto size = static_cast<std::uint32_t>(data.size());
  ByteVec out(2600, 0);
  put_le32(out, 0x000, signature_);
  put_le32(out, 0x004, 2);
  put_le32(out, 0x008, 0x4C0 + 20 + size);
  put_le32(out, 0x00C, 2);
  put_bytes(out, 0x020, hardware_report);
  put_le32(out, 0x4C0, 20 + size);
  put_le32(out, 0x4C4, 1);
  put_le32(out, 0x4C8, type);
  put_le32(out, 0x4CC, hash_type_);
  put_le32(out, 0x4D0, size);
  put_bytes(out, 0x4D4, as_bytes(data));
  return out;
}

std::string azure_evidence(unsigned version, const TpmQuoteBuilder& quote,
                           const crypto::PrivateKey& ak, Bytes hcl_report,
                           const std::string& endorsement_name, Bytes endorsement) {
  json::Array pcrs;
  for (const ByteVec& pcr : quote.pcrs()) pcrs.emplace_back(codec::hex_encode(pcr));
  const ByteVec message = quote.message();
  const ByteVec signature = ak.sign(crypto::SignatureScheme::rs256, message).value();
  return json::write(
      json::Object{{"version", std::uint64_t{version}},
                   {"tpm_quote", json::Object{{"signature", codec::hex_encode(signature)},
                                              {"message", codec::hex_encode(message)},
                                              {"pcrs", std::move(pcrs)}}},
                   {"hcl_report", codec::base64url_padded_encode(hcl_report)},
                   {endorsement_name, codec::base64url_encode(endorsement)}});
}

}  // namespace trustee
