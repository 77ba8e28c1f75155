#include "azure/hcl_report.h"

#include <utility>

#include "azure/errors.h"
#include "base/cursor.h"
#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "jose/jwk.h"

namespace trustee::azure {

namespace {

constexpr std::uint32_t kSignature = 0x414C4348;  // "HCLA"
constexpr std::uint32_t kSha256 = 1;
constexpr std::string_view kAkName = "HCLAkPub";

Error malformed(std::string why) { return {Errc::hcl_malformed, std::move(why)}; }

Result<Hardware> hardware_of(std::uint32_t type) {
  if (type == static_cast<std::uint32_t>(Hardware::snp)) return Hardware::snp;
  if (type == static_cast<std::uint32_t>(Hardware::tdx)) return Hardware::tdx;
  return malformed("invalid report type " + std::to_string(type));
}

/// The keys whose `kid` is that of the AK: the first one.
Result<crypto::PublicKey> read_ak(const json::Array& keys) {
  std::optional<crypto::PublicKey> ak;
  for (const json::Value& value : keys) {
    auto jwk = jose::parse_jwk(value);
    if (!jwk.ok()) return Error(Errc::variable_data_malformed, jwk.error().to_string());
    if (!ak.has_value() && jwk->kid == kAkName) ak = jwk->key;
  }
  if (!ak.has_value()) return Errc::ak_missing;
  return *ak;
}

Result<VariableData> read_variable_data(const json::Value& document) {
  TRY(const json::Object* object, json::object_of(document, "variable data"));
  TRY(const json::Array* keys, json::array_member(*object, "keys"));
  TRY(crypto::PublicKey ak, read_ak(*keys));
  VariableData data{std::move(ak), std::nullopt};
  if (object->contains("user-data")) {
    TRY(const std::string* user_data, json::string_member(*object, "user-data"));
    data.user_data = *user_data;
  }
  return data;
}

}  // namespace

bool is_hcl_report(Bytes in) {
  Cursor c(in);
  const std::uint32_t signature = c.u32le();
  return !c.failed() && signature == kSignature;
}

Result<HclReport> parse_hcl_report(Bytes in) {
  if (in.size() > kMaxHclReport) return malformed("too long");
  Cursor c(in);
  HclReport report;
  const std::uint32_t signature = c.u32le();                       // 0x000
  c.skip(28);                                                      // 0x004 version … reserved
  report.hardware_report = c.take(kHardwareReportSize);            // 0x020
  c.skip(8);                                                       // 0x4C0 size, version
  const std::uint32_t type = c.u32le();                            // 0x4C8
  const std::uint32_t hash = c.u32le();                            // 0x4CC
  const Result<std::size_t> size = c.length_u32le(kMaxHclReport);  // 0x4D0
  if (!size.ok()) return malformed(size.error().to_string());
  report.variable_data = c.take(*size);  // 0x4D4
  if (auto read = c.status(); !read.ok()) return malformed(read.error().to_string());
  if (signature != kSignature) return malformed("it does not begin with HCLA");
  TRY(report.hardware, hardware_of(type));
  if (hash != kSha256)
    return Error(Errc::hcl_hash_unsupported, "hash type " + std::to_string(hash));
  return report;
}

Result<VariableData> parse_variable_data(Bytes json) {
  auto document = json::parse(as_text(json), json::Duplicates::refuse, {.bytes = kMaxHclReport});
  if (!document.ok()) return Error(Errc::variable_data_malformed, document.error().to_string());
  auto data = read_variable_data(*document);
  if (data.ok() || data.error().is(Errc::ak_missing)) return data;
  return Error(Errc::variable_data_malformed, data.error().to_string());
}

Result<ByteVec> user_data_of(const VariableData& variable) {
  if (!variable.user_data.has_value()) return ByteVec();
  auto bytes = codec::hex_decode(*variable.user_data);
  if (!bytes.ok()) return Error(Errc::user_data_malformed, bytes.error().to_string());
  return bytes;
}

}  // namespace trustee::azure
