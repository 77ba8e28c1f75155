#include "reload/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

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

}  // namespace trustee::reload
