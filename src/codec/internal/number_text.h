#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trustee::json::internal {

/// The parts of a text that matches the JSON number grammar; views into it.
struct NumberParts {
  bool negative = false;
  std::string_view integer;   ///< at least one digit, no leading zero
  std::string_view fraction;  ///< the digits after the point; empty when there is no point
  bool has_exponent = false;
  bool exponent_negative = false;
  std::string_view exponent;  ///< digits
};

/// Nothing when `text` is not a JSON number.
std::optional<NumberParts> number_parts(std::string_view text);

/// Whether the magnitude is beyond the largest finite double, i.e. rounds to infinity.
bool overflows_double(std::string_view text, const NumberParts& parts);

}  // namespace trustee::json::internal
