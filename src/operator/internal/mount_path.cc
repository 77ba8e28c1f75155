#include "operator/internal/mount_path.h"

#include <algorithm>
#include <array>

#include "operator/errors.h"
#include "operator/names.h"

namespace trustee::operators::internal {
namespace {

constexpr std::array<std::string_view, 21> kReserved = {kStorageRoot,
                                                        "/run/confidential-containers/ibmse",
                                                        "/etc/kbs-config",
                                                        "/etc/auth-secret",
                                                        "/etc/session-keys",
                                                        "/etc/https-key",
                                                        "/etc/https-cert",
                                                        "/etc/attestation-key",
                                                        "/etc/attestation-cert",
                                                        "/etc/as-config",
                                                        "/etc/rvps-config",
                                                        "/etc/ssl",
                                                        "/usr",
                                                        "/bin",
                                                        "/sbin",
                                                        "/lib",
                                                        "/lib64",
                                                        "/dev",
                                                        "/proc",
                                                        "/sys",
                                                        "/var/run"};

bool is_below(std::string_view path, std::string_view directory) {
  return directory == "/" || (path.starts_with(directory) && path.size() > directory.size() &&
                              path[directory.size()] == '/');
}

bool is_bad(char c) { return c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

Result<std::string> normal_mount_path(std::string_view path) {
  if (!path.starts_with('/') || std::ranges::any_of(path, is_bad)) {
    return Errc::mount_path_invalid;
  }
  std::string normal;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto part = path.substr(0, path.find('/'));
    if (part == "..") {
      return Errc::mount_path_invalid;
    }
    if (!part.empty() && part != ".") {
      normal += '/';
      normal += part;
    }
    path.remove_prefix(part.size());
  }
  return normal.empty() ? std::string("/") : normal;
}

bool overlaps(std::string_view a, std::string_view b) {
  return a == b || is_below(a, b) || is_below(b, a);
}

bool is_reserved(std::string_view path) {
  return std::ranges::any_of(kReserved, [path](auto other) { return overlaps(path, other); });
}

}  // namespace trustee::operators::internal
