// A request as it comes from the network: head, then body. The first byte says in which steps the
// rest arrives; whatever they are, the outcome must be the same as in one piece.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "net/access_line.h"
#include "net/internal/request_parser.h"

namespace {

using trustee::Bytes;
namespace net = trustee::net;

struct Outcome {
  std::string error;
  std::string seen;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

constexpr std::size_t kBodyLimit = 4096;

std::string describe(const net::Request& r, const net::Framing& f) {
  std::string out = r.method + ' ' + r.target + ' ' + std::to_string(r.minor_version) + '\n';
  for (const auto& h : r.headers) {
    if (!net::is_sendable_header(h.name, h.value)) std::abort();
    out += h.name + ':' + h.value + '\n';
  }
  out += std::to_string(static_cast<int>(f.body)) + ' ' + std::to_string(f.length) + ' ' +
         std::to_string(f.keep_alive) + std::to_string(f.expect_continue);
  return out;
}

Outcome run(Bytes input, std::size_t step) {
  Outcome out;
  net::HeadScan scan;
  std::size_t given = 0;
  bool complete = false;
  while (!complete) {
    if (given == input.size()) return {.error = "incomplete", .seen = {}};
    given = std::min(input.size(), given + step);
    const auto r = scan.scan(input.first(given));
    if (!r.ok()) return {.error = r.error().code().id(), .seen = {}};
    complete = *r;
  }
  net::Request request;
  const auto framing = net::parse_head(input.first(scan.size()),
                                       {.header_count = 20, .body_bytes = kBodyLimit}, request);
  if (!framing.ok()) return {.error = framing.error().code().id(), .seen = {}};
  out.seen = describe(request, *framing);
  if (framing->body == net::BodyKind::sized && framing->length > kBodyLimit) std::abort();
  if (framing->body != net::BodyKind::chunked) return out;
  net::ChunkDecoder decoder(kBodyLimit);
  Bytes rest = input.subspan(scan.size());
  while (!decoder.done()) {
    if (rest.empty()) {
      out.error = "incomplete body";
      return out;
    }
    const auto used = decoder.feed(rest.first(std::min(step, rest.size())), request.body);
    if (request.body.size() > kBodyLimit) std::abort();
    if (!used.ok()) {
      out.error = used.error().code().id();
      return out;
    }
    rest = rest.subspan(*used);
  }
  out.seen += trustee::as_text(request.body);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input = Bytes(data, size).subspan(1);
  const Outcome pieces = run(input, std::size_t{1} + data[0] % 64);
  const Outcome whole = run(input, input.size() + 1);
  if (!(pieces == whole)) std::abort();
  net::Exchange e;
  e.request_line = trustee::as_text(input);
  if (net::access_line(e).find('\n') != std::string::npos) std::abort();
  return 0;
}
