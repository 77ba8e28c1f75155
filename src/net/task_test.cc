#include "net/task.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "base/try.h"
#include "net/errors.h"

namespace trustee::net {
namespace {

Task<int> number(int n) { co_return n; }

Task<int> sum(int a, int b) {
  const int x = co_await number(a);
  const int y = co_await number(b);
  co_return x + y;
}

TEST(Task, yields_what_its_children_yield) { EXPECT_EQ(run_blocking(sum(2, 3)), 5); }

Task<Result<int>> failing() { co_return Errc::pool_full; }
Task<Result<std::string>> passes_errors_on() {
  CO_TRY(const int n, co_await failing());
  co_return std::to_string(n);
}

TEST(Task, passes_errors_on_with_CO_TRY) {
  const auto r = run_blocking(passes_errors_on());
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::pool_full));
}

Task<int> throwing() {
  throw std::runtime_error("library");
  co_return 0;
}
Task<std::string> catches() {
  try {
    (void)co_await throwing();
  } catch (const std::exception& e) {
    co_return e.what();
  }
  co_return "";
}

TEST(Task, lets_a_library_exception_leave_through_the_await) {
  EXPECT_EQ(run_blocking(catches()), "library");
}

Task<int> deep(int n) {
  if (n == 0) co_return 0;
  const int below = co_await deep(n - 1);
  co_return below + 1;
}

TEST(Task, nests_deeply) { EXPECT_EQ(run_blocking(deep(2000)), 2000); }

Task<int> late(int n, int ms) {
  co_await sleep_for(std::chrono::milliseconds(ms));
  co_return n;
}
Task<std::vector<int>> all_of_three() {
  std::vector<Task<int>> tasks;
  tasks.push_back(late(1, 3));
  tasks.push_back(number(2));
  tasks.push_back(late(3, 1));
  co_return co_await when_all(std::move(tasks));
}

TEST(WhenAll, yields_results_in_order_whenever_they_come) {
  EXPECT_EQ(run_blocking(all_of_three()), (std::vector<int>{1, 2, 3}));
}

Task<std::vector<int>> none() { co_return co_await when_all(std::vector<Task<int>>()); }
TEST(WhenAll, of_nothing_is_nothing) { EXPECT_TRUE(run_blocking(none()).empty()); }

Task<std::vector<int>> one_throws() {
  std::vector<Task<int>> tasks;
  tasks.push_back(late(1, 2));
  tasks.push_back(throwing());
  co_return co_await when_all(std::move(tasks));
}

TEST(WhenAll, rethrows_once_all_are_done) {
  EXPECT_THROW(run_blocking(one_throws()), std::runtime_error);
}

}  // namespace
}  // namespace trustee::net
