#include "attester/quoting_service.h"

#include "attester/errors.h"
#include "attester/internal/little_endian.h"
#include "attester/tsm_report.h"
#include "base/cursor.h"

namespace trustee::attester {
namespace {

using internal::append_le;

constexpr std::uint16_t kMajorVersion = 1;
constexpr std::uint32_t kGetQuoteRequest = 0;
constexpr std::uint32_t kGetQuoteResponse = 1;
constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kMaxKeyId = 256;

}  // namespace

ByteVec quote_request(const ByteArray<kTdReportSize>& report) {
  ByteVec out;
  append_le(out, kMajorVersion, 2);
  append_le(out, 0, 2);
  append_le(out, kGetQuoteRequest, 4);
  append_le(out, kHeaderSize + 8 + report.size(), 4);
  append_le(out, 0, 4);
  append_le(out, report.size(), 4);
  append_le(out, 0, 4);
  out.insert(out.end(), report.begin(), report.end());
  return out;
}

Result<ByteVec> quote_of_answer(Bytes answer) {
  Cursor in(answer);
  const std::uint16_t major = in.u16le();
  in.skip(2);
  const std::uint32_t type = in.u32le();
  const std::uint32_t size = in.u32le();
  const std::uint32_t error = in.u32le();
  if (in.failed() || major != kMajorVersion || type != kGetQuoteResponse || size != answer.size()) {
    return Errc::answer_malformed;
  }
  if (error != 0) return Error(Errc::quoting_service_failed, "error " + std::to_string(error));
  const auto key_id = in.length_u32le(kMaxKeyId);
  const auto quote_size = in.length_u32le(kMaxBlob);
  if (!key_id.ok() || !quote_size.ok()) return Errc::answer_malformed;
  in.skip(*key_id);
  const Bytes quote = in.take(*quote_size);
  if (!in.finish().ok() || quote.empty()) return Errc::answer_malformed;
  return to_vec(quote);
}

}  // namespace trustee::attester
