#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "tests/support/file_bytes.h"

namespace trustee::operators {

inline std::string testdata(std::string_view name) {
  return file_text("src/operator/testdata/" + std::string(name));
}

inline std::string base64_of(std::string_view text) { return codec::base64_encode(as_bytes(text)); }

/// A Secret as the API server returns it, with one pair of PEM files.
inline json::Object tls_secret(std::string_view name, const std::string& key,
                               const std::string& cert) {
  return {{"kind", "Secret"},
          {"metadata", json::Object{{"name", name}, {"namespace", "operators"}}},
          {"type", "kubernetes.io/tls"},
          {"data", json::Object{{"tls.key", base64_of(key)}, {"tls.crt", base64_of(cert)}}}};
}

inline json::Object object_of_text(std::string_view text) {
  return *json::parse(text).value().as_object();
}

}  // namespace trustee::operators
