#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"

namespace trustee::reference {

inline constexpr std::string_view kVersion = "0.1.0";

/// Largest record that is read.
inline constexpr std::size_t kMaxRecord = 16U << 20U;

/// What is expected of evidence, under the name that policies ask for.
struct ReferenceValue {
  std::string version = std::string(kVersion);
  std::string name;
  Time expiration;    ///< whole seconds
  json::Value value;  ///< any JSON; members of objects sorted, numbers keep their text
  friend bool operator==(const ReferenceValue&, const ReferenceValue&) = default;
};

/// The stored form: `version`, `name`, `expiration`, `value`, compact.
/// Source  rvps specification, section 7.
std::string write_record(const ReferenceValue& value);

/// Reads the stored form. A missing `version` is 0.1.0 and its content is not checked, nor is
/// `name` compared with the key; other members are ignored. Errors  record_malformed.
Result<ReferenceValue> parse_record(std::string_view text);

/// The same time of day twelve calendar months later; a day that the month lacks becomes its last.
/// Whole seconds. Errors: expiration_overflow.
Result<Time> a_year_after(Time t);

}  // namespace trustee::reference
