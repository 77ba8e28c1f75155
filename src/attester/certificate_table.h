#pragma once

#include <vector>

#include "base/result.h"
#include "snp/evidence.h"

namespace trustee::attester {

inline constexpr std::size_t kMaxTableEntries = 16;

/// What a host puts beside an SNP report: the certificates of the GHCB table, in its order.
/// Shape   entries of 24 bytes (GUID, u32 offset, u32 length, little-endian) up to one of zeros,
///         then the certificates. No bytes at all, or only the last entry: no certificates.
///         Entries of other GUIDs are left out: no server has a use for them.
/// Errors  certificate_table_malformed.
/// Source  AMD GHCB specification (56421), SNP extended guest request; the numbers as in
///         client-and-guest specification 4.3 and 9.1.
Result<std::vector<snp::CertificateEntry>> parse_certificate_table(Bytes table);

}  // namespace trustee::attester
