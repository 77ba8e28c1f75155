#include "crypto/internal/ossl.h"

#include <array>

namespace trustee::crypto {

std::string drain_errors() {
  std::string text;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    std::array<char, 256> line{};
    ERR_error_string_n(code, line.data(), line.size());
    if (!text.empty()) text += "; ";
    text += line.data();
    if (data != nullptr && (flags & ERR_TXT_STRING) != 0 && *data != '\0') {
      text += ": ";
      text += data;
    }
  }
  return text;
}

Error library_error(Errc code, std::source_location where) {
  return Error(code, drain_errors(), where);
}

}  // namespace trustee::crypto
