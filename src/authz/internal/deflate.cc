#include "authz/internal/deflate.h"

#include <zlib.h>

#include "authz/errors.h"

namespace trustee::authz::internal {
namespace {

constexpr int kRawWindow = -15;

// zlib's next_in is not const in all its versions; it does not write through it.
Bytef* input_of(const void* data) { return static_cast<Bytef*>(const_cast<void*>(data)); }

}  // namespace

Result<ByteVec> deflate(std::string_view text) {
  z_stream z{};
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, kRawWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
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
  std::string out(max, '\0');
  z.next_in = input_of(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int rc = ::inflate(&z, Z_FINISH);
  const bool all_read = z.avail_in == 0;
  out.resize(z.total_out);
  inflateEnd(&z);
  if (rc != Z_STREAM_END || !all_read) {
    return Error(Errc::cookie_malformed, "the token in the cookie does not inflate");
  }
  return out;
}

}  // namespace trustee::authz::internal
