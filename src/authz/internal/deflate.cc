#include "authz/internal/deflate.h"

#include <zlib.h>

#include <algorithm>

#include "authz/errors.h"

namespace trustee::authz::internal {
namespace {

constexpr int kRawWindow = -15;
// zlib's defaults take 256 KiB for each call, which costs more than packing a token does. This
// takes 48 KiB, and tokens that fit a cookie become as small.
constexpr int kPackingWindow = -13;
constexpr int kMemoryLevel = 5;
// What a token grows to when it is unpacked, at a guess.
constexpr std::size_t kUsualGrowth = 4;

// zlib's next_in is not const in all its versions; it does not write through it.
Bytef* input_of(const void* data) { return static_cast<Bytef*>(const_cast<void*>(data)); }

}  // namespace

Result<ByteVec> deflate(std::string_view text) {
  z_stream z{};
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, kPackingWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return Error(Errc::token_too_large, "deflate cannot start");
  }
  ByteVec out(deflateBound(&z, static_cast<uLong>(text.size())));
  z.next_in = input_of(text.data());
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  const int rc = ::deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  if (rc != Z_STREAM_END) return Error(Errc::token_too_large, "deflate did not finish");
  return out;
}

Result<std::string> inflate(Bytes in, std::size_t max) {
  z_stream z{};
  if (inflateInit2(&z, kRawWindow) != Z_OK) {
    return Error(Errc::cookie_malformed, "inflate cannot start");
  }
  z.next_in = input_of(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  std::string out;
  int rc = Z_OK;
  while (rc == Z_OK && out.size() < max) {
    out.resize(std::min(max, kUsualGrowth * std::max(in.size(), out.size())));
    z.next_out = reinterpret_cast<Bytef*>(out.data()) + z.total_out;
    z.avail_out = static_cast<uInt>(out.size() - z.total_out);
    rc = ::inflate(&z, Z_NO_FLUSH);
  }
  const bool all_read = z.avail_in == 0;
  out.resize(z.total_out);
  inflateEnd(&z);
  if (rc != Z_STREAM_END || !all_read) {
    return Error(Errc::cookie_malformed, "the token in the cookie does not inflate");
  }
  return out;
}

}  // namespace trustee::authz::internal
