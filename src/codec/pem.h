#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::codec {

/// One block of a PEM text.
struct PemBlock {
  std::string label;  ///< e.g. `CERTIFICATE`
  ByteVec der;
};

/// Bounds of one text; exceeding one is `pem_malformed`.
struct PemLimits {
  std::size_t bytes = 256U << 10U;
  std::size_t blocks = 16;
};

/// Reads all blocks of a PEM text, strictly (RFC 7468): the text starts at a marker, blocks are
/// separated by white space only, no headers, both markers carry the same label, the body is base64
/// with padding in lines of any length. No block at all is refused. Meant for public documents;
/// private keys are opened by `crypto`.
/// Errors  pem_malformed.
Result<std::vector<PemBlock>> pem_read(std::string_view text, PemLimits limits = {});

/// The DER of a text that holds exactly one block with this label. Errors: pem_malformed.
Result<ByteVec> pem_read_single(std::string_view text, std::string_view label,
                                PemLimits limits = {});

/// A block with lines of 64 characters and a final newline.
std::string pem_write(std::string_view label, Bytes der);

}  // namespace trustee::codec
