#include "rvps/wire_text.h"

#include <array>
#include <optional>

#include "kv/errors.h"
#include "reference/errors.h"

namespace trustee::rvps {

namespace {

struct Row {
  Code code;
  std::string_view before;  ///< the detail follows when `with_detail`
  bool with_detail = false;
  std::string_view after = {};
};

const std::array<Row, 9>& rows() {
  using E = reference::Errc;
  static const std::array<Row, 9> kRows{{
      {E::message_malformed, "parse message"},
      {E::message_version, "Version unmatched! Need 0.1.0, given ", true, "."},
      {E::extractor_unknown, "Could not find extractor for ", true},
      {E::extractor_later, "Could not find extractor for ", true},
      {E::payload_not_base64, "base64 decode"},
      {E::payload_not_object, "deseralize sample provenance"},
      {E::record_malformed, "deserialize reference value"},
      {E::expiration_overflow, "Failed to set time."},
      {kv::Errc::malformed, "malformed value"},
  }};
  return kRows;
}

/// What the table says of a code. Anything else is the store's and gets `otherwise`.
std::string outermost(const Error& error, std::string_view otherwise) {
  for (const Row& row : rows()) {
    if (row.code != error.code()) continue;
    std::string out(row.before);
    if (row.with_detail) out += error.detail();
    return out.append(row.after);
  }
  return std::string(otherwise);
}

}  // namespace

std::string register_failure(const Error& error) {
  return "Register reference value: " + outermost(error, "failed to set key");
}

std::string query_failure(const Error& error) {
  return "Query reference value: " + outermost(error, "failed to get key");
}

}  // namespace trustee::rvps
