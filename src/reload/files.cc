#include "reload/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/try.h"
#include "reload/errors.h"

namespace trustee::reload {
namespace {

struct Close {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

Error unreadable(const std::string& path, int cause) {
  return Error(Errc::file_unreadable, path + ": " + std::strerror(cause));
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return unreadable(path, errno);
  std::string out;
  char buffer[65536];
  std::size_t n = sizeof buffer;
  while (n == sizeof buffer && out.size() <= kMaxFile) {
    n = std::fread(buffer, 1, sizeof buffer, file.get());
    out.append(buffer, n);
  }
  const int cause = errno;
  wipe(buffer, sizeof buffer);  // the file may hold a key
  if (std::ferror(file.get()) != 0) return unreadable(path, cause);
  if (out.size() > kMaxFile) return Error(Errc::file_too_large, path);
  return out;
}

Result<SecretText> read_secret_file(const std::string& path) {
  TRY(std::string text, read_file(path));
  return SecretText(std::move(text));
}

Result<std::vector<std::string>> files_of(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code failure;
  std::vector<std::string> out;
  fs::directory_iterator entries(directory, failure);
  for (; !failure && entries != fs::directory_iterator(); entries.increment(failure)) {
    if (entries->path().filename().string().starts_with('.')) continue;
    if (entries->is_directory(failure)) continue;
    out.push_back(entries->path().string());
  }
  if (failure) return Error(Errc::file_unreadable, directory + ": " + failure.message());
  std::sort(out.begin(), out.end());
  return out;
}

std::string fingerprint(const std::string& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) return "missing";
  std::string out;
  for (const auto n :
       {static_cast<long long>(s.st_dev), static_cast<long long>(s.st_ino),
        static_cast<long long>(s.st_size), static_cast<long long>(s.st_mtim.tv_sec),
        static_cast<long long>(s.st_mtim.tv_nsec), static_cast<long long>(s.st_ctim.tv_sec),
        static_cast<long long>(s.st_ctim.tv_nsec)}) {
    out += std::to_string(n);
    out += ',';
  }
  return out;
}

}  // namespace trustee::reload
