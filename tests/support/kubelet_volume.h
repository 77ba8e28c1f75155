#pragma once

// A directory filled as kubelet fills volumes of ConfigMaps and Secrets: the files lie in a
// directory of their own per version, `..data` is a symbolic link to the version in force, each
// visible name is a link through it, and a new version comes in force by one rename of `..data`.

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace trustee {

class KubeletVolume {
 public:
  using Files = std::map<std::string, std::string>;  ///< name to content

  explicit KubeletVolume(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
  }

  /// Puts `files` in force in the place of everything before.
  void write(const Files& files) {
    namespace fs = std::filesystem;
    const std::string version = "..2026_11_29_18_44_00." + std::to_string(1'000'000 + versions_++);
    fs::create_directory(path_ + "/" + version);
    for (const auto& [name, content] : files) {
      std::ofstream(path_ + "/" + version + "/" + name, std::ios::binary) << content;
    }
    fs::create_symlink(version, path_ + "/..data_tmp");
    fs::rename(path_ + "/..data_tmp", path_ + "/..data");
    for (const auto& [name, content] : files) {
      if (!files_.contains(name)) fs::create_symlink("..data/" + name, path_ + "/" + name);
    }
    for (const auto& [name, content] : files_) {
      if (!files.contains(name)) fs::remove(path_ + "/" + name);
    }
    if (!in_force_.empty()) fs::remove_all(path_ + "/" + in_force_);
    in_force_ = version;
    files_ = files;
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  int versions_ = 0;
  std::string in_force_;
  Files files_;
};

}  // namespace trustee
