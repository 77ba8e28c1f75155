#include "attester/certificate_table.h"

#include <algorithm>
#include <array>

#include "attester/errors.h"
#include "base/cursor.h"
#include "base/try.h"

namespace trustee::attester {
namespace {

using snp::CertificateType;

struct Kind {
  ByteArray<16> guid;
  CertificateType type;
};

// In the byte order of the text form, as hosts write them.
constexpr std::array<Kind, 4> kKinds = {{
    {{0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0,
      0xae},
     CertificateType::ark},
    {{0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7,
      0x82},
     CertificateType::ask},
    {{0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac,
      0xcd},
     CertificateType::vcek},
    {{0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8,
      0xa1},
     CertificateType::vlek},
}};

CertificateType type_of(const ByteArray<16>& guid) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const Kind& kind) { return kind.guid == guid; });
  return found == kKinds.end() ? CertificateType::other : found->type;
}

Error malformed(std::string detail) {
  return Error(Errc::certificate_table_malformed, std::move(detail));
}

Result<Bytes> slice(Bytes table, std::size_t offset, std::size_t length) {
  if (offset > table.size() || length > table.size() - offset ||
      length > snp::kMaxCertificateSize) {
    return malformed("a certificate lies outside of the table");
  }
  return table.subspan(offset, length);
}

}  // namespace

Result<std::vector<snp::CertificateEntry>> parse_certificate_table(Bytes table) {
  std::vector<snp::CertificateEntry> out;
  if (table.empty()) return out;
  Cursor in(table);
  for (std::size_t i = 0; i <= kMaxTableEntries; ++i) {
    const auto guid = in.array<16>();
    const std::uint32_t offset = in.u32le();
    const std::uint32_t length = in.u32le();
    if (in.failed()) return malformed("the table does not end with an entry of zeros");
    if (guid == ByteArray<16>{} && offset == 0 && length == 0) return out;
    TRY(const Bytes data, slice(table, offset, length));
    const CertificateType type = type_of(guid);
    if (type != CertificateType::other) out.push_back({type, to_vec(data)});
  }
  return malformed("more entries than " + std::to_string(kMaxTableEntries));
}

}  // namespace trustee::attester
