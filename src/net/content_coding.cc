#include "net/content_coding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>

#include "base/try.h"

namespace trustee::net {
namespace {

constexpr std::size_t kStep = 16384;
constexpr int kZstdWindowLog = 23;
/// A piece of the plain body, wiped when it goes.
struct Block : std::array<std::uint8_t, kStep> {
  ~Block() { wipe(data(), size()); }
};

Result<void> append(WipedVec& out, const Block& block, std::size_t n, std::size_t max) {
  if (n > max - out.size()) return Errc::body_too_large;
  out.insert(out.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(n));
  return {};
}

struct InflateEnd {
  void operator()(z_stream* s) const { ::inflateEnd(s); }
};

Result<WipedVec> inflate(Bytes in, int window_bits, std::size_t max) {
  if (in.size() > UINT_MAX) return Errc::body_too_large;
  z_stream stream{};
  if (::inflateInit2(&stream, window_bits) != Z_OK) return Errc::decoder_unavailable;
  const std::unique_ptr<z_stream, InflateEnd> end(&stream);
  stream.next_in = const_cast<Bytef*>(in.data());  // zlib does not write through it
  stream.avail_in = static_cast<uInt>(in.size());
  WipedVec out;
  Block block;
  for (;;) {
    stream.next_out = block.data();
    stream.avail_out = kStep;
    const int rc = ::inflate(&stream, Z_NO_FLUSH);
    if (rc == Z_MEM_ERROR) return Errc::decoder_unavailable;
    if (rc != Z_OK && rc != Z_STREAM_END) return Errc::content_coding_malformed;
    TRY_VOID(append(out, block, kStep - stream.avail_out, max));
    if (rc == Z_STREAM_END) break;
  }
  if (stream.avail_in != 0) return Errc::content_coding_malformed;
  return out;
}

Result<WipedVec> unbrotli(Bytes in, std::size_t max) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> decoder(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!decoder) return Errc::decoder_unavailable;
  std::size_t left = in.size();
  const std::uint8_t* next = in.data();
  WipedVec out;
  Block block;
  for (;;) {
    std::size_t room = kStep;
    std::uint8_t* into = block.data();
    const auto rc =
        BrotliDecoderDecompressStream(decoder.get(), &left, &next, &room, &into, nullptr);
    TRY_VOID(append(out, block, kStep - room, max));
    if (rc == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (rc != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Errc::content_coding_malformed;
  }
  if (left != 0) return Errc::content_coding_malformed;
  return out;
}

Result<WipedVec> unzstd(Bytes in, std::size_t max) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax,
                                                      kZstdWindowLog)) != 0) {
    return Errc::decoder_unavailable;
  }
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  WipedVec out;
  Block block;
  for (;;) {
    ZSTD_outBuffer output{block.data(), block.size(), 0};
    const std::size_t rc = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(rc) != 0) return Errc::content_coding_malformed;
    TRY_VOID(append(out, block, output.pos, max));
    if (rc == 0) break;
    if (input.pos == input.size && output.pos < block.size()) {
      return Errc::content_coding_malformed;
    }
  }
  if (input.pos != input.size) return Errc::content_coding_malformed;
  return out;
}

}  // namespace

Result<std::string> content_coding(const Headers& headers) {
  const auto values = headers.all("content-encoding");
  if (values.empty()) return std::string();
  if (values.size() > 1 || values.front().find(',') != std::string_view::npos) {
    return Errc::content_coding_nested;
  }
  return std::string(values.front());
}

bool is_known_content_coding(std::string_view coding) {
  for (const std::string_view known : {"gzip", "x-gzip", "deflate", "br", "zstd"}) {
    if (equal_ignoring_case(coding, known)) return true;
  }
  return false;
}

Result<WipedVec> decode_content(std::string_view coding, Bytes in, std::size_t max) {
  constexpr int kZlibWindow = 15;
  constexpr int kGzipWindow = 15 + 16;
  if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
    return inflate(in, kGzipWindow, max);
  }
  if (equal_ignoring_case(coding, "deflate")) return inflate(in, kZlibWindow, max);
  if (equal_ignoring_case(coding, "br")) return unbrotli(in, max);
  if (equal_ignoring_case(coding, "zstd")) return unzstd(in, max);
  return Errc::content_coding_malformed;
}

Result<ByteVec> gzip(Bytes in) {
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemoryLevel = 8;  // zlib's usual one
  if (in.size() > UINT_MAX) return Errc::body_too_large;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    return Errc::content_coding_malformed;
  }
  ByteVec out(::deflateBound(&stream, in.size()));
  stream.next_in = const_cast<Bytef*>(in.data());  // zlib does not write through it
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int rc = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (rc != Z_STREAM_END) return Errc::content_coding_malformed;
  return out;
}

}  // namespace trustee::net
