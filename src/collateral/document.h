#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "collateral/freshness.h"

namespace trustee::collateral {

/// Bounds of what is kept; one past is refused.
inline constexpr std::size_t kMaxBody = 4U << 20U;          ///< a revocation list is the largest
inline constexpr std::size_t kMaxIssuerChain = 64U << 10U;  ///< PEM text
inline constexpr std::size_t kMaxName = 256;                ///< kind and subject together

/// What a document is for, e.g. kind `intel-tcb-info` and subject `tdx/90c06f000000/early`.
struct DocumentId {
  std::string kind;     ///< `[a-z0-9-]+`
  std::string subject;  ///< `[A-Za-z0-9_-]+` in one or more parts, joined by `/`

  /// `kind/subject`: the key of a kept copy, and its name for people.
  std::string key() const { return kind + "/" + subject; }
  friend auto operator<=>(const DocumentId&, const DocumentId&) = default;
};

/// The inverse of DocumentId::key. Errors: document_id_malformed.
Result<DocumentId> parse_document_id(std::string_view key);

/// A document as a source gave it. Nothing about it was checked.
struct RawDocument {
  ByteVec body;
  std::string issuer_chain{};  ///< PEM, of services that send it apart; else empty
  friend bool operator==(const RawDocument&, const RawDocument&) = default;
};

/// A document with its dates: what a store or a bundle holds.
struct Record {
  RawDocument document;
  Validity validity;
  friend bool operator==(const Record&, const Record&) = default;
};

/// The bytes under which a record is kept.
/// Shape   `TCR1`, fetched_at and valid_until (u64be, microseconds since 1970), u32be length and
///         bytes of the issuer chain, u32be length and bytes of the body.
/// Errors  record_too_large.
Result<ByteVec> encode_record(const Record& record);
/// Errors  record_malformed. What is decoded is as little trusted as what came over the network.
Result<Record> decode_record(Bytes bytes);

}  // namespace trustee::collateral
