#include "operator/cipher_names.h"

#include <vector>

namespace trustee::operators {
namespace {

constexpr std::string_view kWith = "_WITH_";

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find('_');
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

bool is_number(std::string_view part) {
  return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `ECDHE_RSA` is `ECDHE-RSA-`; plain RSA has no prefix.
std::string key_exchange_prefix(std::string_view exchange) {
  if (exchange == "RSA") {
    return {};
  }
  std::string prefix;
  for (const auto part : parts_of(exchange)) {
    prefix += std::string(part) + '-';
  }
  return prefix;
}

/// `AES_128_CBC_SHA` is `AES128-SHA`: sizes stand close, the mode CBC goes unsaid.
std::string bulk_name(std::string_view bulk) {
  if (bulk == "3DES_EDE_CBC_SHA") {
    return "DES-CBC3-SHA";
  }
  if (bulk == "CHACHA20_POLY1305_SHA256") {
    return "CHACHA20-POLY1305";
  }
  std::string name;
  for (const auto part : parts_of(bulk)) {
    if (part == "CBC") {
      continue;
    }
    if (!name.empty() && !is_number(part)) {
      name += '-';
    }
    name += part;
  }
  return name;
}

}  // namespace

std::string openssl_cipher_name(std::string_view name) {
  constexpr std::string_view kPrefix = "TLS_";
  const auto with = name.find(kWith);
  if (!name.starts_with(kPrefix) || with == std::string_view::npos) {
    return std::string(name);
  }
  const auto exchange = name.substr(kPrefix.size(), with - kPrefix.size());
  return key_exchange_prefix(exchange) + bulk_name(name.substr(with + kWith.size()));
}

}  // namespace trustee::operators
