#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/errors.h"

namespace trustee::crypto {

/// One block of RFC 7468: its label and what stands between the markers. Lifetime: of the text.
struct PemBlock {
  std::string_view label;
  std::string_view body;
};

/// Takes the next block from the front of `text`. White space before the marker is skipped, nothing
/// else: a marker further inside could be one that its author meant as content.
/// Errors: `code` (no marker, no end, end of another label).
Result<PemBlock> take_pem_block(std::string_view& text, Errc code);

/// The same, skipping whole lines that are no marker, as certificate bundles carry them. Empty
/// when the text ends first.
Result<std::optional<PemBlock>> find_pem_block(std::string_view& text, Errc code);

/// True when only white space is left.
bool is_blank(std::string_view text);

/// The content of a block. Errors: `code` (not base64, encapsulated headers, empty, more than `max`
/// bytes).
Result<ByteVec> pem_content(const PemBlock& block, std::size_t max, Errc code);
/// The same for private keys: every intermediate buffer is wiped.
Result<SecretBytes> pem_secret_content(const PemBlock& block, std::size_t max, Errc code);

/// A block with lines of 64 characters.
std::string pem_text(std::string_view label, Bytes content);
SecretText pem_secret_text(std::string_view label, const SecretBytes& content);

}  // namespace trustee::crypto
