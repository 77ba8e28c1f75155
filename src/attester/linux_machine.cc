#include "attester/linux_machine.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
// After sys/socket.h, which it needs.
#include <linux/vm_sockets.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "attester/errors.h"
#include "base/cursor.h"
#include "base/try.h"

namespace trustee::attester {
namespace {

constexpr std::size_t kChunk = 16U << 10U;
constexpr int kHostSeconds = 30;

Error failure(int error, const std::string& path) {
  std::string detail = path + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
    case ENOTTY:
      return Error(Errc::file_missing, std::move(detail));
    case EACCES:
    case EPERM:
      return Error(Errc::file_denied, std::move(detail));
    case EAGAIN:
    case EBUSY:
    case EINTR:
      return Error(Errc::file_busy, std::move(detail));
    default:
      return Error(Errc::file_failed, std::move(detail));
  }
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }
  /// Closes now; configfs does its work here. The errno, or 0.
  int close() { return ::close(std::exchange(fd_, -1)) == 0 ? 0 : errno; }

 private:
  int fd_;
};

Result<Descriptor> opened(const std::string& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return failure(errno, path);
  return Descriptor(fd);
}

Result<void> write_all(int fd, Bytes data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failure(n < 0 ? errno : EIO, path);
    data = data.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

// Until the end, or one byte past `max`.
Result<ByteVec> read_all(int fd, std::size_t max, const std::string& path) {
  ByteVec out;
  while (out.size() <= max) {
    const std::size_t before = out.size();
    out.resize(before + kChunk);
    const ssize_t n = ::read(fd, out.data() + before, kChunk);
    out.resize(before + (n > 0 ? static_cast<std::size_t>(n) : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure(errno, path);
    if (n == 0) return out;
  }
  return Error(Errc::file_too_large, path + ": more than " + std::to_string(max) + " bytes");
}

Result<ByteVec> read_exactly(int fd, std::size_t size, const std::string& path) {
  ByteVec out(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::read(fd, out.data() + have, size - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failure(n < 0 ? errno : EIO, path);
    have += static_cast<std::size_t>(n);
  }
  return out;
}

Result<Descriptor> connected_to_host(std::uint32_t port) {
  const std::string name = "vsock port " + std::to_string(port) + " of the host";
  Descriptor socket(::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failure(ENODEV, name);
  const timeval limit{kHostSeconds, 0};
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = VMADDR_CID_HOST;
  address.svm_port = port;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failure(errno, name);
  }
  return socket;
}

}  // namespace

bool LinuxFiles::exists(const std::string& path) {
  return ::access((root_ + path).c_str(), F_OK) == 0;
}

Result<ByteVec> LinuxFiles::read(const std::string& path, std::size_t max) {
  TRY(const Descriptor file, opened(root_ + path, O_RDONLY));
  return read_all(file.get(), max, path);
}

Result<void> LinuxFiles::write(const std::string& path, Bytes data) {
  TRY(Descriptor file, opened(root_ + path, O_WRONLY));
  TRY_VOID(write_all(file.get(), data, path));
  if (const int error = file.close(); error != 0) return failure(error, path);
  return {};
}

Result<void> LinuxFiles::make_directory(const std::string& path) {
  if (::mkdir((root_ + path).c_str(), 0700) != 0) return failure(errno, path);
  return {};
}

Result<void> LinuxFiles::remove_directory(const std::string& path) {
  if (::rmdir((root_ + path).c_str()) != 0) return failure(errno, path);
  return {};
}

Result<void> LinuxFiles::store(const std::string& path, std::uint64_t offset, Bytes data) {
  TRY(Descriptor file, opened(root_ + path, O_WRONLY | O_CREAT, 0600));
  const auto at = static_cast<off_t>(offset);
  if (::ftruncate(file.get(), at) != 0 || ::lseek(file.get(), at, SEEK_SET) != at) {
    return failure(errno, path);
  }
  TRY_VOID(write_all(file.get(), data, path));
  if (::fsync(file.get()) != 0) return failure(errno, path);
  if (const int error = file.close(); error != 0) return failure(error, path);
  return {};
}

Result<void> LinuxFiles::replace(const std::string& path, Bytes data) {
  const std::string beside = path + ".new";
  TRY_VOID(store(beside, 0, data));
  if (::rename((root_ + beside).c_str(), (root_ + path).c_str()) != 0) return failure(errno, path);
  const std::string directory = root_ + path.substr(0, path.rfind('/'));
  TRY(const Descriptor folder, opened(directory.empty() ? "/" : directory, O_RDONLY | O_DIRECTORY));
  if (::fsync(folder.get()) != 0) return failure(errno, path);
  return {};
}

Result<void> LinuxFiles::remove(const std::string& path) {
  if (::unlink((root_ + path).c_str()) != 0) return failure(errno, path);
  return {};
}

Result<int> LinuxDevices::control(const std::string& path, unsigned long request, void* argument) {
  TRY(const Descriptor device, opened(root_ + path, O_RDWR));
  return ::ioctl(device.get(), request, argument) == 0 ? 0 : errno;
}

Result<ByteVec> LinuxDevices::ask_host(std::uint32_t vsock_port, Bytes message, std::size_t max) {
  TRY(const Descriptor socket, connected_to_host(vsock_port));
  const std::string name = "vsock port " + std::to_string(vsock_port) + " of the host";
  const auto size = static_cast<std::uint32_t>(message.size());
  const ByteArray<4> head = {
      static_cast<std::uint8_t>(size >> 24U), static_cast<std::uint8_t>(size >> 16U),
      static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
  TRY_VOID(write_all(socket.get(), head, name));
  TRY_VOID(write_all(socket.get(), message, name));
  TRY(const ByteVec announced, read_exactly(socket.get(), 4, name));
  const std::uint32_t length = Cursor(announced).u32be();
  if (length > max) return Error(Errc::file_too_large, name + ": " + std::to_string(length));
  return read_exactly(socket.get(), length, name);
}

}  // namespace trustee::attester
