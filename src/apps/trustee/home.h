#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace trustee::apps {

/// The directory of a one-machine Trustee: keys, tokens, the embedded store. Mode 0700.
class Home {
 public:
  /// `--home`, else TRUSTEE_HOME, else `/opt/confidential-containers` for root, else `~/.trustee`.
  static std::string default_path();
  /// Creates the directory when it is missing. Errors: reload::file_unreadable.
  static Result<Home> open(std::string path);

  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  std::string admin_key() const { return file("admin.key"); }
  std::string admin_public_key() const { return file("admin.pub"); }
  std::string admin_token() const { return file("admin-token"); }
  std::string token_key() const { return file("token.key"); }
  static constexpr std::string_view kStore = "trustee.db";
  std::string store() const { return file(kStore); }

  /// Makes what is missing: administrator's key pair and token (30 days, made anew when less than a
  /// day is left or when the key is another one), the key that signs attestation tokens.
  /// Errors: of files and keys.
  Result<void> prepare() const;

 private:
  explicit Home(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// The file of the store that lies in a home. Creates nothing. Errors: reload::file_unreadable.
Result<std::string> existing_store(const std::string& home_path);

/// `trustee keygen`: an Ed25519 key in `path` and its public half in `path` with the extension
/// `.pub`. Neither may exist yet. Errors: reload::material_invalid when `path` itself has that
/// extension; reload::file_unreadable.
Result<void> generate_key_pair(const std::string& path);

}  // namespace trustee::apps
