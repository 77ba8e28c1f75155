#include <cstdint>
#include <cstdlib>

#include "crypto/digest.h"
#include "store/backup.h"

// The input as it is, and with the digest that lets it through to the parser. What is read is
// written as the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const trustee::Bytes input(data, size);
  if (trustee::store::decode_backup(input).ok()) return 0;
  trustee::ByteVec file = trustee::to_vec(input);
  const auto digest = trustee::crypto::sha256(file);
  file.insert(file.end(), digest.begin(), digest.end());
  const auto contents = trustee::store::decode_backup(file);
  if (!contents.ok()) return 0;
  if (trustee::store::encode_backup(contents.value()).value() != file) std::abort();
  return 0;
}
