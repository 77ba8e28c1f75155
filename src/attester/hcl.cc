#include "attester/hcl.h"

#include "attester/errors.h"
#include "base/cursor.h"
#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"

namespace trustee::attester {
namespace {

constexpr std::size_t kHeaderSize = 0x20;
constexpr std::size_t kHardwareReportSize = 1184;
constexpr std::uint32_t kTypeSnp = 2;
constexpr std::uint32_t kTypeTdx = 4;

}  // namespace

Result<HclReport> parse_hcl(Bytes report) {
  Cursor in(report);
  HclReport out;
  in.skip(kHeaderSize);
  out.hardware_report = in.take(kHardwareReportSize);
  in.skip(8);  // data size, version
  const std::uint32_t type = in.u32le();
  in.skip(4);  // hash type
  const auto size = in.length_u32le(in.remaining());
  if (!size.ok()) return Error(Errc::hcl_malformed, size.error().to_string());
  out.runtime_data = in.take(*size);
  if (in.failed()) return Errc::hcl_malformed;
  if (type != kTypeSnp && type != kTypeTdx) {
    return Error(Errc::hcl_type_unknown, "report type " + std::to_string(type));
  }
  out.kind = type == kTypeSnp ? HclKind::snp : HclKind::tdx;
  return out;
}

Result<ByteVec> user_data_of(Bytes runtime_data) {
  const auto value = json::parse(as_text(runtime_data));
  const json::Object* object = value.ok() ? value->as_object() : nullptr;
  if (object == nullptr) return Error(Errc::hcl_malformed, "the runtime data is no JSON object");
  const json::Value* member = object->find("user-data");
  if (member == nullptr) return ByteVec();
  const std::string* text = member->as_string();
  auto bytes = text == nullptr ? Result<ByteVec>(Errc::hcl_malformed) : codec::hex_decode(*text);
  if (!bytes.ok()) return Error(Errc::hcl_malformed, "user-data is not hexadecimal");
  return bytes;
}

}  // namespace trustee::attester
