#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "codec/hex.h"
#include "collateral/bundle.h"
#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"
#include "kv/memory.h"
#include "tests/support/amd_pki.h"

// A thousand distinct machines come up behind one address, and AMD's service allows one request in
// ten seconds. The endorsement keys are real: signed by an ASK of a test hierarchy.

namespace trustee::fetch {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr unsigned kChips = 1000;
constexpr Duration kVendorLimit = seconds(10);

/// The hierarchy with the keys of all chips, by number, and their paths in KDS. Made once.
struct Chips {
  Chips() {
    for (unsigned n = 0; n < kChips; ++n) {
      const VcekBuilder chip = VcekBuilder::of_chip(n);
      keys.push_back(pki.vcek(chip));
      paths.emplace("/vcek/v1/Genoa/" + codec::hex_encode(chip.chip_id) +
                        "?blSPL=10&teeSPL=00&snpSPL=23&ucodeSPL=25",
                    n);
    }
  }
  static const Chips& all() {
    static const Chips chips;
    return chips;
  }
  amd::RootSet roots() const {
    const std::string genoa = pki.roots_pem();
    return amd::RootSet::create(file_text(amd::pki("roots-milan.pem")), genoa,
                                file_text(amd::pki("roots-turin.pem")))
        .value();
  }

  AmdPki pki;
  std::vector<ByteVec> keys;
  std::map<std::string, std::size_t> paths;
};

amd::VcekRequest request_of(unsigned n) {
  return {amd::Product::genoa,
          regularised<64>(VcekBuilder::of_chip(n).chip_id),
          {std::nullopt, 10, 0, 23, 25}};
}

/// The vendor: answers, and notes when it was asked.
class ColdStart : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine(std::shared_ptr<kv::Namespace> store = nullptr) {
    VendorSettings settings = kds_vendor_settings(amd::kKdsDefaultBase);
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<VcekKind>(
        std::vector<VcekSource>{rim_.kds(service_, settings)}, Chips::all().roots()));
    return std::make_unique<Engine>(Engine::Settings{}, Engine::Ports{rim_.clock, std::move(store)},
                                    std::move(kinds));
  }
  Result<HeldPtr> get(Engine& e, unsigned n) {
    return e.get(vcek_id(request_of(n)), {"198.51.100.7", rim_.clock.now() + seconds(20)});
  }

  /// A machine that comes again when it is told to.
  void boot(Engine& e, unsigned n) {
    for (int attempt = 0; attempt < 10000; ++attempt) {
      const auto held = [&] {
        const std::shared_lock asks(asking_);
        return get(e, n);
      }();
      if (held.ok()) return;
      const Error& why = held.error();
      ASSERT_TRUE(why.is(Errc::overloaded) || why.is(Errc::peer_budget_exhausted) ||
                  why.is(Errc::deadline_exceeded))
          << n << ": " << why.to_string();
      const std::unique_lock nobody_asks(asking_);  // whose deadline this would be
      rim_.clock.advance(seconds(1));
    }
    ADD_FAILURE() << n << " never got its key";
  }
  void expect_spaced() {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 1; i < asked_.size(); ++i) {
      ASSERT_GE(asked_[i] - asked_[i - 1], kVendorLimit) << i;
    }
  }

  Rim rim_;
  std::shared_mutex asking_;  ///< of whoever asks; alone: who moves the clock without asking
  std::mutex mutex_;
  std::vector<Time> asked_;
  FakeKds service_{[this](const std::string& target) {
    const Chips& chips = Chips::all();
    const std::lock_guard lock(mutex_);
    asked_.push_back(rim_.clock.now());
    const auto path = chips.paths.find(target);
    return path == chips.paths.end() ? answer(404) : answer(200, chips.keys[path->second]);
  }};
};

TEST_F(ColdStart, WithoutABundleTheVendorNeverSeesTwoRequestsWithinItsLimit) {
  const auto e = engine();
  for (unsigned n = 0; n < kChips; ++n) {
    const auto held = get(*e, n);
    ASSERT_TRUE(held.ok()) << n << ": " << held.error().to_string();
  }
  ASSERT_EQ(asked_.size(), std::size_t{kChips});
  expect_spaced();
  for (unsigned n = 0; n < kChips; ++n) {
    EXPECT_NE(e->peek(vcek_id(request_of(n))), nullptr);
  }
}

TEST_F(ColdStart, NorDoesItWhenManyAskAtOnce) {
  constexpr unsigned kAtOnce = 8;
  constexpr unsigned kEach = 8;
  const auto e = engine();
  std::vector<std::thread> machines;
  for (unsigned t = 0; t < kAtOnce; ++t) {
    machines.emplace_back([&, t] {
      for (unsigned n = 0; n < kEach; ++n) {
        boot(*e, t * kEach + n);
      }
    });
  }
  for (std::thread& t : machines) {
    t.join();
  }
  EXPECT_EQ(asked_.size(), std::size_t{kAtOnce * kEach});
  expect_spaced();
}

TEST_F(ColdStart, WithABundleNobodyAsksTheVendor) {
  const auto signer = crypto::PrivateKey::generate_ed25519().value();
  collateral::Bundle bundle{kNow, {}};
  for (unsigned n = 0; n < kChips; ++n) {
    bundle.items.push_back(
        {vcek_id(request_of(n)), {{Chips::all().keys[n]}, {kNow - hours(1), kNow + hours(10000)}}});
  }
  const std::string file = collateral::sign_bundle(bundle, signer).value();
  const auto kv = kv::create_memory_store();
  const auto store = kv->open("vendor_collateral").value();
  {
    const auto importer = engine(store);
    const auto opened = collateral::open_bundle(file, signer.public_key()).value();
    ASSERT_EQ(opened.items.size(), std::size_t{kChips});
    for (const auto& item : opened.items) {
      const auto held = importer->accept(item.id, item.record);
      ASSERT_TRUE(held.ok()) << held.error().to_string();
    }
  }
  const auto e = engine(store);
  for (unsigned n = 0; n < kChips; ++n) {
    ASSERT_TRUE(get(*e, n).ok()) << n;
  }
  EXPECT_TRUE(asked_.empty());
  EXPECT_TRUE(rim_.waiting.pauses().empty());
}

}  // namespace
}  // namespace trustee::fetch
