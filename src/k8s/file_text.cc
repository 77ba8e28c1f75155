#include "k8s/internal/file_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/try.h"
#include "base/wiped.h"
#include "k8s/errors.h"

namespace trustee::k8s::internal {
namespace {

constexpr std::size_t kMaxFile = 1U << 20U;

Error unreadable(const std::string& path, const char* reason) {
  return Error(Errc::credentials_unreadable, path + ": " + reason);
}

Result<WipedVec> content_of(const std::string& path) {
  constexpr std::size_t kPiece = 4096;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(path, std::strerror(errno));
  WipedVec out;
  ssize_t n = 0;
  do {
    const std::size_t have = out.size();
    out.resize(have + kPiece);
    n = ::read(fd, out.data() + have, kPiece);
    out.resize(have + static_cast<std::size_t>(n > 0 ? n : 0));
  } while (n > 0 && out.size() <= kMaxFile);
  const int reason = n < 0 ? errno : EFBIG;
  ::close(fd);
  if (n != 0) return unreadable(path, std::strerror(reason));
  return out;
}

std::string text_of(const WipedVec& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

Result<std::string> file_text(const std::string& path) {
  TRY(const WipedVec content, content_of(path));
  return text_of(content);
}

Result<SecretText> secret_file_line(const std::string& path) {
  TRY(WipedVec content, content_of(path));
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) {
    content.pop_back();
  }
  if (content.empty()) return unreadable(path, "empty");
  return SecretText(text_of(content));
}

}  // namespace trustee::k8s::internal
