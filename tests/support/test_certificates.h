#pragma once

// Certificates for TLS tests, made by the openssl program when the test runs.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace trustee {

/// A directory of its own, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trustee-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(std::string_view name) const { return path_ + '/' + std::string(name); }

 private:
  std::string path_;
};

inline std::string text_of_file(const std::string& path) {
  const std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << text;
}

/// A certificate authority and what it signs, for `localhost` and 127.0.0.1.
class TestAuthority {
 public:
  TestAuthority() {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj '/CN=test root' -addext 'basicConstraints=critical,CA:true' "
        "-keyout " +
        key_file("root") + " -out " + certificate_file("root"));
  }
  /// Makes NAME.crt (leaf, then root) and NAME.key. `key` as for `openssl req -newkey`.
  void issue(const std::string& name,
             const std::string& key = "ec -pkeyopt ec_paramgen_curve:P-256") {
    const std::string request = directory_.file(name + ".csr");
    const std::string leaf = directory_.file(name + ".leaf");
    const std::string extensions = directory_.file("extensions");
    write_file(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    run("openssl req -new -newkey " + key + " -nodes -subj '/CN=" + name + "' -keyout " +
        key_file(name) + " -out " + request);
    run("openssl x509 -req -days 2 -in " + request + " -CA " + certificate_file("root") +
        " -CAkey " + key_file("root") + " -CAcreateserial -extfile " + extensions + " -out " +
        leaf);
    write_file(certificate_file(name), text_of_file(leaf) + text_of_file(certificate_file("root")));
  }
  std::string certificate_file(const std::string& name) const {
    return directory_.file(name + ".crt");
  }
  std::string key_file(const std::string& name) const { return directory_.file(name + ".key"); }
  std::string root_pem() const { return text_of_file(certificate_file("root")); }
  const TemporaryDirectory& directory() const { return directory_; }

 private:
  static void run(const std::string& command) {
    ASSERT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0) << command;
  }
  TemporaryDirectory directory_;
};

}  // namespace trustee
