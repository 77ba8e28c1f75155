#include "fetch/refresher.h"

#include <latch>
#include <mutex>

#include "base/try.h"
#include "fetch/engine_testbed.h"

namespace trustee::fetch {
namespace {

using collateral::DocumentId;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr Refresher::Pauses kHardly{milliseconds(1), milliseconds(1)};

/// A kind whose source, once it hangs, answers when it is let go.
class HangingKind final : public DocumentKind {
 public:
  std::string_view name() const override { return "hours"; }
  const KeepRule& rule() const override { return rule_; }
  Result<collateral::RawDocument> fetch(const std::string& subject, Errand& errand) override {
    if (hangs) {
      asked.count_down();
      let_go.wait();
    }
    return inner_.fetch(subject, errand);
  }
  Result<Checked> check(const std::string& subject, const collateral::RawDocument& document,
                        Time now) const override {
    return inner_.check(subject, document, now);
  }

  Source source;
  std::atomic<bool> hangs{false};
  std::latch asked{1};
  std::latch let_go{1};

 private:
  const KeepRule rule_ = with_grace(hours(1000));
  HoursKind inner_{source, rule_};
};

class Refreshing : public Documents {
 protected:
  Refreshing() {
    auto kind = std::make_unique<HangingKind>();
    kind_ = kind.get();
    kind_->source.answer = "0 10";
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::move(kind));
    engine_ = std::make_unique<Engine>(Engine::Settings{}, Engine::Ports{clock_, store_, &metrics_},
                                       std::move(kinds));
  }
  /// A refresher that waits for its source with the renewal of kId.
  void start_renewing() {
    ASSERT_TRUE(get(*engine_).ok());
    clock_.advance(hours(5));
    kind_->source.answer = "5 20";
    kind_->hangs = true;
    refresher_ = std::make_unique<Refresher>(*engine_, clock_, notice(), kHardly);
    kind_->asked.wait();
  }
  Refresher::Notice notice() {
    return [this](const std::string& text) {
      const std::lock_guard lock(mutex_);
      notices_.push_back(text);
    };
  }
  std::size_t notices() {
    const std::lock_guard lock(mutex_);
    return notices_.size();
  }
  /// After it the store was followed once, or in vain, in the state that it is in now.
  void await_following() { store_->await_looks(2); }

  HangingKind* kind_ = nullptr;
  std::mutex mutex_;
  std::vector<std::string> notices_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Refresher> refresher_;
};

TEST_F(Refreshing, FollowsTheStoreWhileAVendorHangs) {
  start_renewing();
  source_.answer = "5 30";
  const DocumentId two{"hours", "two"};
  ASSERT_TRUE(get(*engine(), two).ok());
  await_following();
  EXPECT_EQ(text(engine_->peek(two)), "5 30");
  EXPECT_EQ(text(engine_->peek(kId)), "0 10");
  kind_->let_go.count_down();
}

TEST_F(Refreshing, EndsAfterTheRenewalUnderWay) {
  start_renewing();
  std::thread ending([this] { refresher_.reset(); });
  kind_->let_go.count_down();
  ending.join();
  EXPECT_EQ(text(engine_->peek(kId)), "5 20");
}

TEST_F(Refreshing, HasFollowedTheStoreWhenItIsThere) {
  source_.answer = "0 30";
  ASSERT_TRUE(get(*engine()).ok());
  const Refresher refresher(*engine_, clock_, notice());
  EXPECT_EQ(text(engine_->peek(kId)), "0 30");
}

TEST_F(Refreshing, TellsOfEachOutageOfTheStoreOnce) {
  store_->broken = true;
  const Refresher refresher(*engine_, clock_, notice(), kHardly);
  EXPECT_EQ(notices(), 1U);
  await_following();
  EXPECT_EQ(notices(), 1U);
  store_->broken = false;
  await_following();
  store_->broken = true;
  await_following();
  EXPECT_EQ(notices(), 2U);
}

}  // namespace
}  // namespace trustee::fetch
