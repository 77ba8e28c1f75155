#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "codec/internal/number_text.h"
#include "codec/internal/shortest.h"
#include "codec/json.h"

namespace trustee::json {
namespace internal {
namespace {

/// The parts of a text that matches the JSON number grammar; views into it.
struct NumberParts {
  bool negative = false;
  std::string_view integer;   ///< at least one digit, no leading zero
  std::string_view fraction;  ///< the digits after the point; empty when there is no point
  bool has_exponent = false;
  bool exponent_negative = false;
  std::string_view exponent;  ///< digits
};

/// The digits at the front of `rest`, which loses them.
std::string_view take_digits(std::string_view& rest) {
  std::size_t n = 0;
  while (n < rest.size() && rest[n] >= '0' && rest[n] <= '9') {
    ++n;
  }
  const std::string_view digits = rest.substr(0, n);
  rest.remove_prefix(n);
  return digits;
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

/// Nothing when `text` is not a JSON number.
std::optional<NumberParts> number_parts(std::string_view text) {
  NumberParts parts;
  parts.negative = take(text, '-');
  parts.integer = take_digits(text);
  if (parts.integer.empty()) return std::nullopt;
  if (parts.integer.size() > 1 && parts.integer.front() == '0') return std::nullopt;
  if (take(text, '.')) {
    parts.fraction = take_digits(text);
    if (parts.fraction.empty()) return std::nullopt;
  }
  if (take(text, 'e') || take(text, 'E')) {
    parts.has_exponent = true;
    parts.exponent_negative = take(text, '-');
    if (!parts.exponent_negative) (void)take(text, '+');
    parts.exponent = take_digits(text);
    if (parts.exponent.empty()) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return parts;
}

/// The common case, told without taking the text apart: digits, no sign, no leading zero.
bool is_plain_integer(std::string_view text) {
  if (text.empty() || (text.front() == '0' && text.size() > 1)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The decimal exponent of the first non-zero digit, or nothing for zero. Saturates.
std::optional<std::int64_t> magnitude(const NumberParts& parts) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max() / 4;
  std::int64_t exponent = 0;
  if (parts.has_exponent) {
    const char* end = parts.exponent.data() + parts.exponent.size();
    const auto read = std::from_chars(parts.exponent.data(), end, exponent);
    if (read.ec != std::errc() || exponent > kHuge) exponent = kHuge;
    if (parts.exponent_negative) exponent = -exponent;
  }
  if (parts.integer != "0") {
    return exponent + static_cast<std::int64_t>(parts.integer.size()) - 1;
  }
  const std::size_t first = parts.fraction.find_first_not_of('0');
  if (first == std::string_view::npos) return std::nullopt;
  return exponent - static_cast<std::int64_t>(first) - 1;
}

}  // namespace

bool overflows_double(std::string_view text) {
  constexpr int kMax = std::numeric_limits<double>::max_exponent10;
  if (text.size() <= kMax && text.find_first_of("eE") == std::string_view::npos) return false;
  const auto parts = number_parts(text);
  const auto power = parts.has_value() ? magnitude(*parts) : std::nullopt;
  if (!power.has_value() || *power < kMax) return false;
  if (*power > kMax) return true;
  double d = 0;
  return std::from_chars(text.data(), text.data() + text.size(), d).ec != std::errc() ||
         !std::isfinite(d);
}

Shortest shortest_of(double d) {
  TRUSTEE_CHECK(std::isfinite(d));
  char buffer[40];
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, std::fabs(d), std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(written.ptr - buffer));
  const std::size_t e = text.find('e');
  Shortest out;
  out.negative = std::signbit(d);
  out.digits = text.substr(0, 1);
  if (e > 2) out.digits += text.substr(2, e - 2);
  int exponent = 0;
  const std::size_t digits_from = e + (text[e + 1] == '+' ? 2U : 1U);
  (void)std::from_chars(text.data() + digits_from, text.data() + text.size(), exponent);
  out.point = exponent + 1;
  return out;
}

}  // namespace internal

namespace {

/// As Rust's serde_json writes an f64: plain with a point for 1e-5 up to below 1e16, else with an
/// exponent that always has a sign.
std::string rust_text(const internal::Shortest& s) {
  constexpr int kPlainFrom = -5;
  constexpr int kPlainTo = 16;
  const int count = static_cast<int>(s.digits.size());
  std::string out = s.negative ? "-" : "";
  if (s.point > kPlainFrom && s.point <= 0) {
    return out + "0." + std::string(static_cast<std::size_t>(-s.point), '0') + s.digits;
  }
  if (s.point > 0 && s.point <= kPlainTo) {
    const auto point = static_cast<std::size_t>(s.point);
    if (count > s.point) return out + s.digits.substr(0, point) + "." + s.digits.substr(point);
    return out + s.digits + std::string(point - s.digits.size(), '0') + ".0";
  }
  out += s.digits.front();
  if (count > 1) out += "." + s.digits.substr(1);
  const int exponent = s.point - 1;
  return out + (exponent < 0 ? "e" : "e+") + std::to_string(exponent);
}

template <class Integer>
std::optional<Integer> integer_of(const std::string& text) {
  Integer n = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, n);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return n;
}

}  // namespace

Number::Number(std::int64_t n) : text_(std::to_string(n)) {}
Number::Number(std::uint64_t n) : text_(std::to_string(n)) {}

Result<Number> Number::from_double(double d) {
  if (!std::isfinite(d)) return Error(codec::Errc::json_syntax, "not a finite number");
  Number n;
  n.text_ = rust_text(internal::shortest_of(d));
  return n;
}

Result<Number> Number::from_text(std::string_view text) {
  Number n;
  n.text_ = text;
  if (internal::is_plain_integer(text)) return n;
  const auto parts = internal::number_parts(text);
  if (!parts.has_value()) return Error(codec::Errc::json_syntax, "not a JSON number");
  if (!parts->has_exponent) return n;
  n.text_.resize(text.find_first_of("eE"));
  n.text_ += parts->exponent_negative ? "e-" : "e+";
  n.text_ += parts->exponent;
  return n;
}

bool Number::is_integer() const { return text_.find_first_of(".e") == std::string::npos; }
std::optional<std::int64_t> Number::as_i64() const { return integer_of<std::int64_t>(text_); }
std::optional<std::uint64_t> Number::as_u64() const { return integer_of<std::uint64_t>(text_); }

double Number::as_double() const {
  double d = 0;
  const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), d);
  if (read.ec == std::errc()) return d;
  // Out of range on either side; from_chars does not say which.
  const bool huge = internal::overflows_double(text_);
  const double magnitude = huge ? std::numeric_limits<double>::infinity() : 0.0;
  return text_.front() == '-' ? -magnitude : magnitude;
}

}  // namespace trustee::json
