#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace trustee {

/// A fresh empty directory (mode 0700), removed with all it holds when the object goes. In memory
/// where the machine has /dev/shm, as tests sync a lot; TMPDIR puts it elsewhere.
class TempDir {
 public:
  TempDir() {
    std::string name = place() + "/trustee-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  static std::string place() {
    if (std::getenv("TMPDIR") == nullptr && ::access("/dev/shm", W_OK | X_OK) == 0) {
      return "/dev/shm";
    }
    return std::filesystem::temp_directory_path().string();
  }

  std::string path_;
};

}  // namespace trustee
