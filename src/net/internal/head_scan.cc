#include "net/internal/request_parser.h"

namespace trustee::net {

std::size_t leading_line_ends(Bytes input) {
  constexpr std::size_t kMax = 8;
  std::size_t n = 0;
  while (n + 1 < input.size() && n < kMax && input[n] == '\r' && input[n + 1] == '\n') {
    n += 2;
  }
  return n;
}

Result<bool> HeadScan::scan(Bytes input) {
  for (const std::uint8_t b : input.subspan(at_)) {
    at_ += 1;
    if (after_cr_) {
      if (b != '\n') return Errc::head_malformed;
      after_cr_ = false;
      if (line_length_ == 0) {
        if (!any_line_) return Errc::head_malformed;
        return true;
      }
      any_line_ = true;
      line_length_ = 0;
    } else if (b == '\r') {
      after_cr_ = true;
    } else if ((b < 0x20 && b != '\t') || b == 0x7f) {
      return Errc::head_malformed;
    } else if (line_length_ == 0 && (b == ' ' || b == '\t')) {
      return Errc::head_malformed;
    } else {
      line_length_ += 1;
    }
  }
  return false;
}

}  // namespace trustee::net
