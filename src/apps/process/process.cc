#include "apps/process/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/try.h"

namespace trustee::apps {
namespace {

// The first process of a container must say so, or the signal is ignored until a server handles it.
void end_at_once(int signal) { std::_Exit(128 + signal); }

// False when a standard descriptor is closed and nothing can take its number.
bool take_closed_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    if (::open("/dev/null", O_RDONLY) != fd) return false;  // a new one has the lowest free number
  }
  return true;
}

/// Bytes. Evaluating a policy may take most of it (rust/README.md). Left alone, a thread has what
/// the process that started this one allowed itself, and 2 MiB where that was unlimited.
constexpr std::size_t kStackSize = std::size_t{8} << 20U;

bool is_main_stack_large_enough() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0) return false;
  if (limit.rlim_cur >= kStackSize) return true;
  // Refused above the hard limit; the stack grows up to it from now on.
  limit.rlim_cur = kStackSize;
  return ::setrlimit(RLIMIT_STACK, &limit) == 0;
}

bool set_stacks_of_threads() {
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) return false;
  const bool is_set = ::pthread_attr_setstacksize(&attributes, kStackSize) == 0 &&
                      ::pthread_setattr_default_np(&attributes) == 0;
  ::pthread_attr_destroy(&attributes);
  return is_set;
}

}  // namespace

int run_program(const std::function<int()>& body) {
  if (!take_closed_descriptors()) {
    std::fprintf(stderr, "Error: /dev/null: %s\n", std::strerror(errno));
    return 1;
  }
  const int status = body();
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  const std::string why = errno == 0 ? std::string() : std::string(": ") + std::strerror(errno);
  std::fprintf(stderr, "Error: standard output cannot be written%s\n", why.c_str());
  return 1;
}

void harden_process() {
  ::umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, end_at_once);
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0) {
    std::fprintf(stderr, "warning: core dumps cannot be switched off\n");
  }
  if (!is_main_stack_large_enough() || !set_stacks_of_threads()) {
    std::fprintf(stderr, "Error: no stacks of %zu bytes: raise the hard limit of stacks\n",
                 kStackSize);
    std::_Exit(1);
  }
}

Result<std::unique_ptr<ProcessLog>> ProcessLog::create(int fd, std::string_view default_filter,
                                                       log::Format format, const Clock& clock) {
  const char* wanted = std::getenv("RUST_LOG");
  TRY(log::Filter filter, log::Filter::parse(wanted == nullptr ? default_filter : wanted));
  std::unique_ptr<ProcessLog> out(new ProcessLog());
  TRY(out->sink_, log::StreamSink::create(fd));
  const bool colour = format == log::Format::text && log::is_terminal(fd);
  out->journal_ =
      std::make_unique<log::Journal>(std::move(filter), format, colour, *out->sink_, clock);
  return out;
}

int fail(const Error& error) {
  std::string text = error.detail().empty() ? std::string(error.code().text()) : error.detail();
  for (const auto& what : error.context()) {
    text += "\n\nCaused by:\n    while " + what;
  }
  std::fprintf(stderr, "Error: %s\n", text.c_str());
  return 1;
}

}  // namespace trustee::apps
