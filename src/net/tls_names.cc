#include <algorithm>

#include "net/tls.h"

namespace trustee::net {

std::optional<TlsProfile> tls_profile_from_name(std::string_view name) {
  if (name == "old") return TlsProfile::old;
  if (name == "intermediate") return TlsProfile::intermediate;
  if (name == "modern") return TlsProfile::modern;
  if (name == "custom") return TlsProfile::custom;
  return std::nullopt;
}

std::optional<TlsVersion> tls_version_from_name(std::string_view name) {
  if (name == "1.2") return TlsVersion::v1_2;
  if (name == "1.3") return TlsVersion::v1_3;
  return std::nullopt;
}

std::string_view to_string(TlsProfile profile) {
  switch (profile) {
    case TlsProfile::old:
      return "old";
    case TlsProfile::intermediate:
      return "intermediate";
    case TlsProfile::modern:
      return "modern";
    case TlsProfile::custom:
      return "custom";
  }
  return "intermediate";
}

SplitCiphers split_ciphers(std::string_view list) {
  SplitCiphers out;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(':'));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    if (name.empty()) continue;
    std::string& into = name.starts_with("TLS_") ? out.tls13 : out.tls12;
    if (!into.empty()) into += ':';
    into += name;
  }
  return out;
}

}  // namespace trustee::net
