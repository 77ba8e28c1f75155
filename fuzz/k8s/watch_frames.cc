// Takes the body of a watch apart in pieces of a size the input names, and again in one piece.
#include "k8s/watch_frames.h"
#include "base/bytes.h"
#include "base/check.h"

namespace {

using namespace trustee;

/// How many events come before the end or the first failure, and whether it failed.
std::pair<std::size_t, bool> events_in(std::string_view body, std::size_t step) {
  k8s::FrameReader frames(1U << 16U);
  std::size_t n = 0;
  for (std::size_t at = 0; at < body.size(); at += step) {
    if (!frames.push(body.substr(at, step)).ok()) return {n, true};
    while (true) {
      auto event = frames.next();
      if (!event.ok()) return {n, true};
      if (!event->has_value()) break;
      ++n;
    }
  }
  return {n, false};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body = trustee::as_text({data + 1, size - 1});
  const auto pieces = events_in(body, 1U + data[0]);
  const auto whole = events_in(body, body.size());
  if (body.size() <= (1U << 16U)) TRUSTEE_CHECK(pieces == whole);
  return 0;
}
