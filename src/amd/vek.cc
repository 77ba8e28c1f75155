#include "amd/vek.h"

#include <array>
#include <string_view>

#include "amd/errors.h"
#include "base/check.h"
#include "base/cursor.h"
#include "base/try.h"
#include "crypto/errors.h"

namespace trustee::amd {

namespace {

#define TRUSTEE_AMD_OID(suffix) "1.3.6.1.4.1.3704.1." suffix
constexpr const char* kStructVersion = TRUSTEE_AMD_OID("1");
constexpr const char* kProductName = TRUSTEE_AMD_OID("2");
constexpr const char* kHwid = TRUSTEE_AMD_OID("4");
constexpr const char* kCspId = TRUSTEE_AMD_OID("5");
constexpr const char* kFmc = TRUSTEE_AMD_OID("3.9");

struct TcbPart {
  const char* oid;
  std::uint8_t Tcb::* member;
};
constexpr std::array kTcbParts{
    TcbPart{TRUSTEE_AMD_OID("3.1"), &Tcb::bootloader},
    TcbPart{TRUSTEE_AMD_OID("3.2"), &Tcb::tee},
    TcbPart{TRUSTEE_AMD_OID("3.3"), &Tcb::snp},
    TcbPart{TRUSTEE_AMD_OID("3.8"), &Tcb::microcode},
};
#undef TRUSTEE_AMD_OID

constexpr std::uint8_t kTagInteger = 0x02;
constexpr std::uint8_t kTagOctetString = 0x04;
constexpr std::uint8_t kTagIa5String = 0x16;

/// tag, short-form length, content; nothing after it.
Result<Bytes> der_content(Bytes value, std::uint8_t tag, std::size_t max) {
  Cursor c(value);
  const std::uint8_t seen = c.u8();
  auto size = c.length_u8(max);
  if (!size.ok()) return Error(Errc::vek_extension_malformed, "the length is out of bounds");
  const Bytes content = c.take(*size);
  if (!c.finish().ok() || seen != tag) {
    return Error(Errc::vek_extension_malformed, "not one DER element of the expected type");
  }
  return content;
}

Result<ByteVec> required(const crypto::Certificate& vek, const char* oid) {
  auto value = vek.extension(oid);
  if (value.ok()) return value;
  if (value.error().is(crypto::Errc::extension_missing)) {
    return Error(Errc::vek_extension_missing, oid);
  }
  return Error(Errc::vek_extension_malformed, value.error().to_string());
}

Result<std::optional<ByteVec>> optional(const crypto::Certificate& vek, const char* oid) {
  auto value = required(vek, oid);
  if (value.ok()) return std::optional<ByteVec>(std::move(*value));
  if (value.error().is(Errc::vek_extension_missing)) return std::optional<ByteVec>();
  return std::move(value).error();
}

Result<std::uint8_t> required_u8(const crypto::Certificate& vek, const char* oid) {
  TRY(const ByteVec value, required(vek, oid));
  return parse_der_u8(value).while_doing(std::string("reading extension ") + oid);
}

}  // namespace

std::string_view to_string(VekKind k) {
  switch (k) {
    case VekKind::vcek:
      return "VCEK";
    case VekKind::vlek:
      return "VLEK";
  }
  check_failed("known VekKind", __FILE__, __LINE__);
}

Result<std::uint8_t> parse_der_u8(Bytes value) {
  TRY(const Bytes content, der_content(value, kTagInteger, 2));
  Cursor c(content);
  const std::uint8_t first = c.u8();
  if (content.size() == 1 && first < 0x80) return first;
  const std::uint8_t second = c.u8();
  // Two bytes only where one would read as negative.
  if (c.finish().ok() && first == 0 && second >= 0x80) return second;
  return Error(Errc::vek_extension_malformed, "not an integer of 0 to 255");
}

Result<std::string> parse_der_ia5(Bytes value) {
  TRY(const Bytes content, der_content(value, kTagIa5String, kMaxVekText));
  for (const std::uint8_t b : content) {
    if (b < 0x20 || b > 0x7E) {
      return Error(Errc::vek_extension_malformed, "the text has unprintable characters");
    }
  }
  return std::string(as_text(content));
}

Result<ByteVec> parse_hwid(Bytes value) {
  if (value.size() == 8 || value.size() == 64) return to_vec(value);
  TRY(const Bytes content, der_content(value, kTagOctetString, 64));
  if (content.size() == 8 || content.size() == 64) return to_vec(content);
  return Error(Errc::vek_extension_malformed, "the hardware id has neither 8 nor 64 bytes");
}

Result<VekExtensions> parse_vek_extensions(const crypto::Certificate& vek) {
  VekExtensions e;
  TRY(e.struct_version, required_u8(vek, kStructVersion));
  TRY(const ByteVec product_name, required(vek, kProductName));
  TRY(e.product_name, parse_der_ia5(product_name));
  for (const TcbPart& part : kTcbParts) {
    TRY(e.tcb.*part.member, required_u8(vek, part.oid));
  }
  TRY(const auto fmc, optional(vek, kFmc));
  if (fmc.has_value()) {
    TRY(e.tcb.fmc, parse_der_u8(*fmc));
  }
  TRY(const auto hwid, optional(vek, kHwid));
  if (hwid.has_value()) {
    TRY(e.hwid, parse_hwid(*hwid));
  }
  TRY(const auto csp_id, optional(vek, kCspId));
  if (csp_id.has_value()) {
    TRY(e.csp_id, parse_der_ia5(*csp_id));
  }
  return e;
}

Result<VekKind> vek_kind(const VekExtensions& extensions) {
  if (extensions.hwid.has_value() == extensions.csp_id.has_value()) return Errc::vek_kind_unclear;
  return extensions.hwid.has_value() ? VekKind::vcek : VekKind::vlek;
}

Result<void> check_product_name(const VekExtensions& extensions, Product product) {
  // `Milan-B0`: the line, a dash, the stepping.
  const std::string_view name(extensions.product_name);
  const std::string_view line = name.substr(0, name.find('-'));
  if (line == to_string(product)) return {};
  if (product == Product::genoa && (line == "Bergamo" || line == "Siena")) return {};
  return Error(Errc::vek_product_mismatch, "certificate: " + extensions.product_name +
                                               ", report: " + std::string(to_string(product)));
}

}  // namespace trustee::amd
