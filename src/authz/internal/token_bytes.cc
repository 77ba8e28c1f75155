#include "authz/internal/token_bytes.h"

#include <array>

#include "base/try.h"
#include "codec/base64.h"

namespace trustee::authz::internal {
namespace {

constexpr std::size_t kMaxPart = 0xffff;

void put_length(ByteVec& out, std::size_t n) {
  out.push_back(static_cast<std::uint8_t>(n >> 8U));
  out.push_back(static_cast<std::uint8_t>(n));
}

}  // namespace

std::optional<ByteVec> token_bytes(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? first : token.find('.', first + 1);
  if (second == token.npos) return std::nullopt;
  // Decoding is strict, so the parts encode to the same text again.
  const std::array parts{codec::base64url_decode(token.substr(0, first)),
                         codec::base64url_decode(token.substr(first + 1, second - first - 1)),
                         codec::base64url_decode(token.substr(second + 1))};
  const auto& [header, payload, signature] = parts;
  if (!header.ok() || !payload.ok() || !signature.ok()) return std::nullopt;
  if (header->size() > kMaxPart || payload->size() > kMaxPart) return std::nullopt;
  ByteVec out;
  out.reserve(4 + header->size() + payload->size() + signature->size());
  put_length(out, header->size());
  put_length(out, payload->size());
  for (const auto& part : parts) {
    out.insert(out.end(), part->begin(), part->end());
  }
  return out;
}

Result<std::string> token_of(Cursor& bytes) {
  const std::size_t header_size = bytes.u16be();
  const std::size_t payload_size = bytes.u16be();
  const Bytes header = bytes.take(header_size);
  const Bytes payload = bytes.take(payload_size);
  const Bytes signature = bytes.take(bytes.remaining());
  TRY_VOID(bytes.finish());
  return codec::base64url_encode(header) + '.' + codec::base64url_encode(payload) + '.' +
         codec::base64url_encode(signature);
}

}  // namespace trustee::authz::internal
