#include "control/cache.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

std::string item(const std::string& version) {
  return R"({"metadata":{"name":"k","namespace":"n","resourceVersion":")" + version + R"("}})";
}

constexpr const char* kExpired = R"({"type":"ERROR","object":{"code":410}})";

/// One KbsConfig `k` of version 1, whose watch tells of version 3, or something else, once it is
/// let.
class Wire final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token&) override {
    return whole_list(r.target.find("/kbsconfigs?") != std::string::npos ? item("1") : "");
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest& r, const Sink& sink,
                                 const std::stop_token& stop) override {
    if (r.target.find("/kbsconfigs?") != std::string::npos) {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return let_; })) return k8s::Errc::stopped;
      lock.unlock();
      const bool told = std::exchange(told_, true);
      if (!told && !sink(event_ + "\n")) return k8s::HttpAnswer{.status = 200};
    }
    return silent_watch(stop);
  }
  void let(std::string event = R"({"type":"MODIFIED","object":)" + item("3") + "}") {
    const std::lock_guard lock(mutex_);
    event_ = std::move(event);
    let_ = true;
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool let_ = false;
  bool told_ = false;
  std::string event_;
};

class Cached : public ::testing::Test {
 protected:
  void SetUp() override {
    cache_.start();
    while (!cache_.settled()) {
      std::this_thread::yield();
    }
  }
  std::string found() {
    const auto object = cache_.find(kOne);
    return object.ok() && *object != nullptr
               ? std::string(k8s::metadata_text(**object, "resourceVersion"))
               : "none";
  }
  void wrote(const std::string& version, Cache::Seen base) {
    cache_.wrote(kOne, *json::parse(item(version))->as_object(), std::move(base));
  }
  static inline const operators::ObjectRef kOne{"KbsConfig", "n", "k"};

  Wire wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}};
  Cache cache_{client_, {.ns = "n"}};
};

TEST_F(Cached, our_write_counts_until_the_watch_tells) {
  wrote("2", cache_.seen(kOne));
  EXPECT_EQ(found(), "2");
  wire_.let();
  while (cache_.seen(kOne).version != "3") {
    std::this_thread::yield();
  }
  EXPECT_EQ(found(), "3");
}

TEST_F(Cached, our_write_counts_however_far_behind_the_watch_is) {
  wrote("2", cache_.seen(kOne));
  pace_.sleep(std::chrono::hours(1), {});
  EXPECT_EQ(found(), "2");
}

TEST_F(Cached, our_last_write_counts_while_the_watch_tells_of_those_before) {
  wrote("3", cache_.seen(kOne));
  wrote("4", cache_.seen(kOne));
  wire_.let();
  while (cache_.seen(kOne).version != "3") {
    std::this_thread::yield();
  }
  EXPECT_EQ(found(), "4");
}

TEST_F(Cached, of_two_writes_at_once_the_later_one_counts_whichever_is_answered_first) {
  const Cache::Seen base = cache_.seen(kOne);
  wrote("10", base);
  wrote("9", base);
  EXPECT_EQ(found(), "10");
}

TEST_F(Cached, our_write_is_forgotten_when_a_later_list_does_not_have_it) {
  wrote("2", cache_.seen(kOne));
  wire_.let(kExpired);
  while (found() != "1") {
    std::this_thread::yield();
  }
}

TEST_F(Cached, a_change_told_before_our_write_is_answered_goes_before_it) {
  const Cache::Seen base = cache_.seen(kOne);
  EXPECT_EQ(base.version, "1");
  wire_.let();
  while (cache_.seen(kOne).version != "3") {
    std::this_thread::yield();
  }
  wrote("2", base);
  EXPECT_EQ(found(), "3");
}

// Otherwise it would be believed to stand, and never be made again.
TEST_F(Cached, what_went_before_the_answer_to_its_creation_is_not_there) {
  const operators::ObjectRef made{"KbsConfig", "n", "made"};
  const Cache::Seen base = cache_.seen(made);
  EXPECT_EQ(base.version, "");
  const std::string object =
      R"({"metadata":{"name":"made","namespace":"n","resourceVersion":"4"}})";
  wire_.let(R"({"type":"ADDED","object":)" + object + "}\n" + R"({"type":"DELETED","object":)" +
            object + "}");
  while (cache_.seen(made).deletion == base.deletion) {
    std::this_thread::yield();
  }
  cache_.wrote(made, *json::parse(object)->as_object(), base);
  EXPECT_EQ(cache_.find(made).value(), nullptr);
  cache_.wrote(made, *json::parse(object)->as_object(), cache_.seen(made));
  EXPECT_NE(cache_.find(made).value(), nullptr) << "made anew after it had gone";
}

TEST_F(Cached, what_went_before_the_answer_to_a_change_of_it_is_not_held) {
  const Cache::Seen base = cache_.seen(kOne);
  wire_.let(R"({"type":"DELETED","object":)" + item("3") + "}");
  while (cache_.seen(kOne).deletion == base.deletion) {
    std::this_thread::yield();
  }
  wrote("2", base);
  EXPECT_EQ(cache_.held(), 0U);
}

}  // namespace
}  // namespace trustee::control
