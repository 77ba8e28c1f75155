#include "apps/process/process.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace trustee::apps {
namespace {

constexpr std::size_t kPromised = std::size_t{8} << 20U;
constexpr std::size_t kSmall = std::size_t{1} << 20U;

std::size_t stack_of_this_thread() {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return 0;
  std::size_t size = 0;
  (void)::pthread_attr_getstacksize(&attributes, &size);
  ::pthread_attr_destroy(&attributes);
  return size;
}

std::size_t stack_of_a_thread() {
  std::size_t size = 0;
  std::thread([&size] { size = stack_of_this_thread(); }).join();
  return size;
}

/// What a process that allows itself little has its children begin with.
bool begin_small(rlim_t hard_limit) {
  const rlimit limit{kSmall, hard_limit};
  pthread_attr_t attributes;
  const bool is_small = ::setrlimit(RLIMIT_STACK, &limit) == 0 &&
                        ::pthread_attr_init(&attributes) == 0 &&
                        ::pthread_attr_setstacksize(&attributes, kSmall) == 0 &&
                        ::pthread_setattr_default_np(&attributes) == 0;
  return is_small && stack_of_a_thread() < kPromised;
}

/// The exit status of a process of its own, so that what it sets does not stay.
int status_of(int (*body)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

rlim_t hard_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_STACK, &limit) == 0 ? limit.rlim_max : 0;
}

TEST(HardenProcess, gives_all_threads_stacks_that_policies_fit_in) {
  EXPECT_EQ(status_of([] {
              if (!begin_small(hard_limit())) return 2;
              harden_process();
              rlimit limit{};
              if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur < kPromised) return 3;
              return stack_of_a_thread() < kPromised ? 4 : 0;
            }),
            0);
}

TEST(HardenProcess, ends_the_process_that_may_not_have_such_stacks) {
  EXPECT_EQ(status_of([] {
              if (!begin_small(kSmall)) return 2;
              harden_process();
              return 0;
            }),
            1);
}

}  // namespace
}  // namespace trustee::apps
