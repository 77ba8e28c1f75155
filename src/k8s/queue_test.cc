#include "k8s/queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace trustee::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const WorkKey kA{"K", "n", "a"};
const WorkKey kB{"K", "n", "b"};
const Instant kNow{std::chrono::hours(1)};

std::string name(const std::optional<WorkKey>& key) { return key ? key->name : "nothing"; }

TEST(QueueState, gives_a_key_once_however_often_it_was_added) {
  QueueState queue;
  queue.add(kA, kNow);
  queue.add(kA, kNow);
  EXPECT_EQ(queue.depth(kNow), 1U);
  EXPECT_EQ(name(queue.take(kNow)), "a");
  EXPECT_EQ(name(queue.take(kNow)), "nothing");
  queue.done(kA, false, kNow);
  EXPECT_EQ(name(queue.take(kNow)), "nothing");
}

TEST(QueueState, gives_the_key_first_that_is_due_longest) {
  QueueState queue;
  queue.add(kA, kNow);
  queue.add(kB, kNow - milliseconds(1));
  EXPECT_EQ(name(queue.take(kNow)), "b");
  EXPECT_EQ(name(queue.take(kNow)), "a");
}

TEST(QueueState, a_key_is_with_one_worker_and_runs_once_more_when_added_meanwhile) {
  QueueState queue;
  queue.add(kA, kNow);
  EXPECT_EQ(name(queue.take(kNow)), "a");
  queue.add(kA, kNow);
  queue.add(kA, kNow);
  EXPECT_EQ(name(queue.take(kNow)), "nothing");
  queue.done(kA, false, kNow);
  EXPECT_EQ(name(queue.take(kNow)), "a");
  queue.done(kA, false, kNow);
  EXPECT_EQ(name(queue.take(kNow)), "nothing");
}

TEST(QueueState, failures_wait_from_5_ms_doubling_to_60_s_and_success_forgets_them) {
  QueueState queue;
  queue.add(kA, kNow);
  Instant now = kNow;
  std::vector<milliseconds> waits;
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(queue.take(now).has_value());
    queue.done(kA, true, now);
    waits.push_back(std::chrono::duration_cast<milliseconds>(*queue.next_due() - now));
    EXPECT_EQ(name(queue.take(*queue.next_due() - milliseconds(1))), "nothing");
    now = *queue.next_due();
  }
  EXPECT_EQ(waits[0], milliseconds(5));
  EXPECT_EQ(waits[1], milliseconds(10));
  EXPECT_EQ(waits[13], milliseconds(40960));
  EXPECT_EQ(waits[14], seconds(60));
  EXPECT_EQ(waits[15], seconds(60));
  ASSERT_TRUE(queue.take(now).has_value());
  queue.done(kA, false, now);
  EXPECT_FALSE(queue.next_due().has_value());
  queue.add(kA, now);
  ASSERT_TRUE(queue.take(now).has_value());
  queue.done(kA, true, now);
  EXPECT_EQ(*queue.next_due() - now, milliseconds(5));
}

TEST(QueueState, news_end_the_wait_of_a_failed_key) {
  QueueState queue;
  queue.add(kA, kNow);
  ASSERT_TRUE(queue.take(kNow).has_value());
  queue.done(kA, true, kNow);
  queue.add(kA, kNow + milliseconds(1));
  EXPECT_EQ(name(queue.take(kNow + milliseconds(1))), "a");
}

TEST(QueueState, a_delayed_key_comes_when_it_is_due_or_earlier_when_added_again) {
  QueueState queue;
  queue.add(kA, kNow + seconds(10));
  EXPECT_EQ(name(queue.take(kNow + seconds(9))), "nothing");
  EXPECT_EQ(*queue.next_due(), kNow + seconds(10));
  queue.add(kA, kNow + seconds(20));
  EXPECT_EQ(*queue.next_due(), kNow + seconds(10));
  queue.add(kA, kNow + seconds(1));
  EXPECT_EQ(name(queue.take(kNow + seconds(1))), "a");
}

TEST(QueueState, a_delay_of_centuries_is_cut_to_a_day) {
  for (const milliseconds delay : {milliseconds(std::chrono::hours(24)),
                                   milliseconds(std::chrono::hours(24)) + milliseconds(1),
                                   milliseconds(std::chrono::years(8000)), milliseconds::max()}) {
    QueueState queue;
    queue.add(kA, kNow, delay);
    EXPECT_EQ(*queue.next_due(), kNow + std::chrono::hours(24)) << delay.count();
  }
  QueueState queue;
  queue.add(kA, kNow, milliseconds(std::chrono::hours(24)) - milliseconds(1));
  EXPECT_EQ(*queue.next_due(), kNow + std::chrono::hours(24) - milliseconds(1));
}

TEST(Queue, what_is_to_be_seen_again_in_centuries_is_not_due_now) {
  Queue queue;
  queue.add(kA, milliseconds::max());
  EXPECT_EQ(queue.depth(), 0U);
}

TEST(Queue, wakes_a_waiting_worker) {
  Queue queue;
  std::stop_source stop;
  std::optional<WorkKey> got;
  std::thread worker([&] { got = queue.take(stop.get_token()); });
  queue.add(kA);
  worker.join();
  EXPECT_EQ(name(got), "a");
  queue.done(kA, true);
  EXPECT_EQ(name(queue.take(stop.get_token())), "a");
}

TEST(Queue, a_stop_wakes_a_waiting_worker) {
  Queue queue;
  std::stop_source stop;
  std::optional<WorkKey> got = kA;
  std::thread worker([&] { got = queue.take(stop.get_token()); });
  stop.request_stop();
  worker.join();
  EXPECT_EQ(name(got), "nothing");
}

}  // namespace
}  // namespace trustee::k8s
