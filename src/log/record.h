#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/clock.h"
#include "base/error.h"
#include "base/strong.h"

namespace trustee::log {

/// How grave a line is; smaller is graver.
enum class Level : std::uint8_t { error, warn, info, debug, trace };

/// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
std::string_view to_string(Level level);

/// What may be the value of a field: truth values, numbers, texts, codes, moments, durations,
/// request ids. Nothing else compiles, so secrets, tokens, keys, pointers and raw bytes cannot be
/// logged by passing them.
template <class T>
concept FieldValue = (std::integral<T> && !std::same_as<T, char>) || std::floating_point<T> ||
                     std::convertible_to<const T&, std::string_view> || std::same_as<T, Code> ||
                     CodeEnum<T> || std::same_as<T, Time> || std::same_as<T, RequestId> ||
                     std::convertible_to<T, std::chrono::duration<double>>;

/// One `key=value` of a line. Lifetime: views its texts, for the duration of one call.
class Field {
 public:
  template <FieldValue T>
  Field(std::string_view key, const T& value) : key_(key), value_(typed(value)) {}

  std::string_view key() const { return key_; }
  /// Appends the value: as JSON, or bare where the text format allows it.
  void append_json(std::string& out) const;
  void append_text(std::string& out) const;

 private:
  using Typed =
      std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, Code, Time>;

  template <class T>
  static Typed typed(const T& value) {
    if constexpr (std::same_as<T, bool> || std::same_as<T, Code> || std::same_as<T, Time>) {
      return Typed(value);
    } else if constexpr (CodeEnum<T>) {
      return Typed(Code(value));
    } else if constexpr (std::same_as<T, RequestId>) {
      return Typed(std::string_view(value.text()));
    } else if constexpr (std::signed_integral<T>) {
      return Typed(static_cast<std::int64_t>(value));
    } else if constexpr (std::unsigned_integral<T>) {
      return Typed(static_cast<std::uint64_t>(value));
    } else if constexpr (std::floating_point<T>) {
      return Typed(static_cast<double>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      return Typed(std::string_view(value));
    } else {
      return Typed(std::chrono::duration<double>(value).count());
    }
  }

  std::string_view key_;
  Typed value_;
};

/// One line before it is text. Lifetime: views, for the duration of one call.
struct Record {
  Time time{};
  Level level = Level::info;
  std::string_view target;  ///< the part of the program that speaks, e.g. `kbs::http`
  std::string_view text;
  std::string_view request_id;  ///< empty when the line belongs to no request
  std::span<const Field> fields;
};

/// Bytes of the text, and of each text field, that are written; the rest is cut and counted.
inline constexpr std::size_t kMaxText = 8192;

/// The two shapes of a line.
enum class Format : std::uint8_t {
  text,  ///< `[2026-11-24T10:05:00Z INFO  kbs] text request_id=… key=value`
  json,  ///< `{"time","level","target","message"[,"request_id"][,"fields":{…}]}`
};

/// The line of a record with its newline, which is the only control character in it (but for the
/// colours): others, bidirectional controls and line separators come out as `\u` escapes,
/// ill-formed UTF-8 as U+FFFD. `colour` wraps the level in ANSI codes, in text only.
std::string line_of(const Record& record, Format format, bool colour);

}  // namespace trustee::log
