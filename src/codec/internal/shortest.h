#pragma once

#include <string>

namespace trustee::json::internal {

/// The shortest decimal digits that read back as one finite double.
struct Shortest {
  bool negative = false;
  std::string digits;  ///< 1 to 17 digits, no leading zero (but "0"), no trailing zero
  int point = 0;       ///< where the decimal point stands, counted from the first digit
};

/// `d` must be finite.
Shortest shortest_of(double d);

}  // namespace trustee::json::internal
