#include "attester/runtime_event.h"

#include "attester/errors.h"
#include "attester/internal/little_endian.h"
#include "base/try.h"

namespace trustee::attester {
namespace {

using internal::append_le;

constexpr std::uint32_t kEventTag = 6;
constexpr std::uint32_t kAael = 0x4141454C;

void append(ByteVec& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Result<void> check(const RuntimeEvent& event) {
  if (event.content.find('\n') != std::string::npos) {
    return Error(Errc::event_malformed, "content contains newline");
  }
  if (event.domain.find_first_of(" \n") != std::string::npos ||
      event.operation.find_first_of(" \n") != std::string::npos) {
    return Error(Errc::event_malformed, "domain or operation contains a blank or a newline");
  }
  return {};
}

}  // namespace

std::uint16_t tcg_number(crypto::Hash hash) {
  switch (hash) {
    case crypto::Hash::sha256:
      return 0x000B;
    case crypto::Hash::sha384:
      return 0x000C;
    case crypto::Hash::sha512:
      return 0x000D;
    case crypto::Hash::sm3:
      return 0x0012;
  }
  check_failed("known Hash", __FILE__, __LINE__);
}

Result<ByteVec> event_data(const RuntimeEvent& event) {
  TRY_VOID(check(event));
  const std::string text = event.domain + " " + event.operation + " " + event.content;
  ByteVec out;
  append_le(out, kAael, 4);
  append_le(out, text.size(), 4);
  append(out, as_bytes(text));
  return out;
}

Result<ByteVec> event_entry(std::uint32_t register_index, crypto::Hash hash,
                            const RuntimeEvent& event) {
  TRY(const ByteVec data, event_data(event));
  ByteVec out;
  append_le(out, register_index, 4);
  append_le(out, kEventTag, 4);
  append_le(out, 1, 4);
  append_le(out, tcg_number(hash), 2);
  append(out, crypto::digest(hash, data).bytes());
  append_le(out, data.size(), 4);
  append(out, data);
  return out;
}

}  // namespace trustee::attester
