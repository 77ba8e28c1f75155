#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "kv/store.h"
#include "tests/support/case.h"
#include "tests/support/temp_dir.h"

// The contract of kv::Store: every store runs these tests. A test program includes this header
// once and says INSTANTIATE_TEST_SUITE_P(Name, KvContract, ::testing::Values(KvSubject{...}), ...).

namespace trustee {

/// One kind of store under test.
struct KvSubject {
  std::string name;
  /// Opens the store that lives in directory `dir`; called again it must find what is there.
  std::function<Result<std::shared_ptr<kv::Store>>(const std::string& dir)> open;
  bool any_key = false;    ///< takes keys outside `check_key`
  bool persistent = true;  ///< keeps its content when opened again
};

inline void PrintTo(const KvSubject& subject, std::ostream* out) { *out << subject.name; }

inline std::string kv_subject_name(const ::testing::TestParamInfo<KvSubject>& info) {
  return info.param.name;
}

class KvContract : public ::testing::TestWithParam<KvSubject> {
 protected:
  std::shared_ptr<kv::Store> open_store() { return GetParam().open(dir_.path()).value(); }
  std::shared_ptr<kv::Namespace> open_space(std::string_view name = "repository") {
    return open_store()->open(name).value();
  }

  TempDir dir_;
};

namespace kv_contract {

using Model = std::map<std::string, ByteVec>;

inline ByteVec bytes_of(std::string_view text) { return to_vec(as_bytes(text)); }

inline std::string text_of(const Result<std::optional<ByteVec>>& got) {
  if (!got.ok()) return "error " + got.error().to_string();
  if (!got.value().has_value()) return "absent";
  return "value " + std::string(as_text(**got));
}

inline Model content_of(kv::Namespace& space) {
  Model out;
  const auto entries = space.entries();
  for (const auto& e : entries.value()) {
    out[e.key] = e.value;
  }
  return out;
}

/// One step of the model test.
struct Step {
  int kind = 0;
  std::size_t key = 0;
  std::size_t other_key = 0;
  ByteVec value;
  bool flag = false;
};

inline std::ostream& operator<<(std::ostream& out, const Step& s) {
  return out << "{kind " << s.kind << ", key " << s.key << ", other " << s.other_key << ", "
             << s.value.size() << " bytes, " << s.flag << "}";
}

inline const std::vector<std::string>& model_keys() {
  static const std::vector<std::string> keys{"default/test/secret", "a", "a/b", "a/b/c.rego",
                                             "A-Z_0.9"};
  return keys;
}

inline rc::Gen<std::vector<Step>> steps() {
  const auto key = rc::gen::inRange<std::size_t>(0, model_keys().size());
  return rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::inRange(0, 9)), rc::gen::set(&Step::key, key),
      rc::gen::set(&Step::other_key, key), rc::gen::set(&Step::value), rc::gen::set(&Step::flag)));
}

/// Applies one step to the store and to the model and compares what they answer.
inline void apply(const Step& step, kv::Namespace& space, Model& model) {
  const std::string& key = model_keys().at(step.key);
  const std::string& other = model_keys().at(step.other_key);
  const auto found = model.find(key);
  const std::optional<ByteVec> old =
      found == model.end() ? std::nullopt : std::optional(found->second);
  const std::vector<kv::Entry> two{{key, step.value}, {other, bytes_of("other")}};
  switch (step.kind) {
    case 0:
      RC_ASSERT(space.put(key, step.value, kv::Overwrite::yes).value() == kv::Put::inserted);
      model[key] = step.value;
      break;
    case 1: {
      const auto put = space.put(key, step.value, kv::Overwrite::no).value();
      RC_ASSERT((put == kv::Put::inserted) == !old.has_value());
      model.emplace(key, step.value);
      break;
    }
    case 2:
      RC_ASSERT(space.get(key).value() == old);
      break;
    case 3:
      RC_ASSERT(space.remove(key).value() == old);
      model.erase(key);
      break;
    case 4: {
      std::vector<std::string> keys = space.list().value();
      std::sort(keys.begin(), keys.end());
      std::vector<std::string> want;
      for (const auto& [k, v] : model) {
        want.push_back(k);
      }
      RC_ASSERT(keys == want);
      break;
    }
    case 5: {  // flag: expect what is there; else expect something else
      const ByteVec wrong = bytes_of("what nobody stored");
      std::optional<Bytes> expected;
      if (step.flag && old.has_value()) expected = *old;
      if (!step.flag) expected = wrong;
      const bool swapped = space.compare_and_swap(key, expected, step.value).value();
      RC_ASSERT(swapped == (step.flag || (old.has_value() && equal(*old, wrong))));
      if (swapped) model[key] = step.value;
      break;
    }
    case 6:
      RC_ASSERT(space.put_all(two).ok());
      model[key] = step.value;
      model[other] = bytes_of("other");
      break;
    case 7:
      RC_ASSERT(space.replace_all(two).ok());
      model.clear();
      model[key] = step.value;
      model[other] = bytes_of("other");
      break;
    default:
      RC_ASSERT(content_of(space) == model);
      break;
  }
}

/// Adds one to a decimal counter by compare-and-swap until it succeeds.
inline bool increment(kv::Namespace& space, std::string_view key) {
  while (true) {
    const auto old = space.get(key);
    if (!old.ok() || !old.value().has_value()) return false;
    const std::string next = std::to_string(std::stoi(std::string(as_text(**old))) + 1);
    const auto swapped = space.compare_and_swap(key, Bytes(**old), as_bytes(next));
    if (!swapped.ok()) return false;
    if (swapped.value()) return true;
  }
}

}  // namespace kv_contract

TEST_P(KvContract, put_get_remove) {
  const auto space = open_space();
  EXPECT_EQ(kv_contract::text_of(space->get("default/test/secret")), "absent");
  EXPECT_EQ(space->put("default/test/secret", as_bytes("shhhhhhh"), kv::Overwrite::yes).value(),
            kv::Put::inserted);
  EXPECT_EQ(kv_contract::text_of(space->get("default/test/secret")), "value shhhhhhh");
  EXPECT_EQ(kv_contract::text_of(space->remove("default/test/secret")), "value shhhhhhh");
  EXPECT_EQ(kv_contract::text_of(space->remove("default/test/secret")), "absent");
  EXPECT_EQ(kv_contract::text_of(space->get("default/test/secret")), "absent");
}

TEST_P(KvContract, put_keeps_or_replaces_as_told) {
  const auto space = open_space();
  ASSERT_TRUE(space->put("k", as_bytes("old"), kv::Overwrite::no).ok());
  EXPECT_EQ(space->put("k", as_bytes("new"), kv::Overwrite::no).value(), kv::Put::already_exists);
  EXPECT_EQ(kv_contract::text_of(space->get("k")), "value old");
  EXPECT_EQ(space->put("k", as_bytes("new"), kv::Overwrite::yes).value(), kv::Put::inserted);
  EXPECT_EQ(kv_contract::text_of(space->get("k")), "value new");
}

TEST_P(KvContract, values_are_bytes_of_any_kind_and_size) {
  const auto space = open_space();
  ByteVec big(300'000);
  for (std::size_t i = 0; i < big.size(); ++i) {
    big[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  }
  ASSERT_TRUE(space->put("big", big, kv::Overwrite::yes).ok());
  ASSERT_TRUE(space->put("empty", {}, kv::Overwrite::yes).ok());
  EXPECT_EQ(space->get("big").value(), big);
  EXPECT_EQ(space->get("empty").value(), ByteVec{});
}

TEST_P(KvContract, refuses_bad_namespaces) {
  CASE("KBS-S8");
  const auto store = open_store();
  for (const std::string_view name : {"", "/abs", "trailing/", "a//b", "a/../b", "."}) {
    const auto opened = store->open(name);
    ASSERT_FALSE(opened.ok()) << name;
    EXPECT_TRUE(opened.error().is(kv::Errc::invalid_namespace)) << name;
  }
  EXPECT_TRUE(store->open("a/b").ok());
}

TEST_P(KvContract, one_instance_per_namespace_and_none_shared_between_two) {
  const auto store = open_store();
  const auto a = store->open("kbs").value();
  const auto b = store->open("repository").value();
  EXPECT_EQ(store->open("kbs").value().get(), a.get());
  ASSERT_TRUE(a->put("k", as_bytes("1"), kv::Overwrite::yes).ok());
  EXPECT_EQ(kv_contract::text_of(b->get("k")), "absent");
}

TEST_P(KvContract, key_rule_is_that_of_the_kind) {
  const auto space = open_space();
  for (const std::string_view key : {"a:b", "rvps:///x/y:v1", "a b", "a\\x2Fb", "\xc3\xa4"}) {
    const auto put = space->put(key, as_bytes("v"), kv::Overwrite::yes);
    const std::vector<kv::Entry> batch{{"fine", {1}}, {std::string(key), {2}}};
    if (GetParam().any_key) {
      EXPECT_TRUE(put.ok()) << key;
      EXPECT_EQ(kv_contract::text_of(space->get(key)), "value v");
      continue;
    }
    ASSERT_FALSE(put.ok()) << key;
    EXPECT_TRUE(put.error().is(kv::Errc::invalid_key)) << key;
    EXPECT_EQ(put.error().code().text(), "the key contains invalid characters");
    EXPECT_TRUE(space->compare_and_swap(key, std::nullopt, as_bytes("v"))
                    .error()
                    .is(kv::Errc::invalid_key));
    EXPECT_TRUE(space->put_all(batch).error().is(kv::Errc::invalid_key));
    EXPECT_EQ(kv_contract::text_of(space->get(key)), "absent") << key;
    EXPECT_EQ(kv_contract::text_of(space->remove(key)), "absent") << key;
    EXPECT_EQ(kv_contract::text_of(space->get("fine")), "absent") << "a refused batch left a trace";
  }
}

TEST_P(KvContract, a_key_that_differs_only_in_its_slash_is_another_key) {
  const auto space = open_space();
  ASSERT_TRUE(space->put("a/b", as_bytes("v"), kv::Overwrite::yes).ok());
  EXPECT_EQ(kv_contract::text_of(space->get("a\\x2Fb")), "absent");
  EXPECT_EQ(kv_contract::text_of(space->get("a_b")), "absent");
}

TEST_P(KvContract, compare_and_swap_compares) {
  const auto space = open_space();
  const ByteVec one{1};
  const ByteVec two{2};
  EXPECT_FALSE(space->compare_and_swap("k", Bytes(one), two).value());
  EXPECT_TRUE(space->compare_and_swap("k", std::nullopt, one).value());
  EXPECT_FALSE(space->compare_and_swap("k", std::nullopt, two).value());
  EXPECT_FALSE(space->compare_and_swap("k", Bytes(two), two).value());
  EXPECT_TRUE(space->compare_and_swap("k", Bytes(one), two).value());
  EXPECT_EQ(space->get("k").value(), two);
}

TEST_P(KvContract, batches_put_and_replace_together) {
  const auto space = open_space();
  ASSERT_TRUE(space->put("old", as_bytes("0"), kv::Overwrite::yes).ok());
  const std::vector<kv::Entry> entries{{"a", {1}}, {"b/c", {2}}, {"a", {3}}};
  ASSERT_TRUE(space->put_all(entries).ok());
  EXPECT_EQ(kv_contract::content_of(*space),
            (kv_contract::Model{{"a", {3}}, {"b/c", {2}}, {"old", {'0'}}}));
  ASSERT_TRUE(space->put_all({}).ok());
  const std::vector<kv::Entry> only{{"b/c", {4}}};
  ASSERT_TRUE(space->replace_all(only).ok());
  EXPECT_EQ(kv_contract::content_of(*space), (kv_contract::Model{{"b/c", {4}}}));
  ASSERT_TRUE(space->replace_all({}).ok());
  EXPECT_EQ(kv_contract::content_of(*space), kv_contract::Model{});
}

TEST_P(KvContract, version_grows_with_every_change_and_with_nothing_else) {
  const auto space = open_space();
  std::uint64_t last = space->version().value();
  const auto grew = [&] {
    const std::uint64_t now = space->version().value();
    const bool more = now > last;
    last = now;
    return more;
  };
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(space->put("k", as_bytes(std::to_string(i)), kv::Overwrite::yes).ok());
    EXPECT_TRUE(grew()) << i;
  }
  EXPECT_TRUE(space->compare_and_swap("j", std::nullopt, as_bytes("1")).value());
  EXPECT_TRUE(grew());
  const std::vector<kv::Entry> entries{{"a", {1}}, {"b", {2}}};
  ASSERT_TRUE(space->put_all(entries).ok());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(space->remove("a").ok());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(space->replace_all(entries).ok());
  EXPECT_TRUE(grew());
  (void)space->get("k").value();
  (void)space->list().value();
  (void)space->put("b", as_bytes("x"), kv::Overwrite::no).value();
  (void)space->remove("absent").value();
  (void)space->compare_and_swap("b", std::nullopt, as_bytes("x")).value();
  ASSERT_TRUE(space->put_all({}).ok());
  EXPECT_FALSE(grew());
}

TEST_P(KvContract, version_of_one_namespace_ignores_another) {
  const auto store = open_store();
  const auto a = store->open("kbs").value();
  const auto b = store->open("repository").value();
  const std::uint64_t before = a->version().value();
  ASSERT_TRUE(b->put("k", as_bytes("1"), kv::Overwrite::yes).ok());
  EXPECT_EQ(a->version().value(), before);
}

TEST_P(KvContract, read_all_returns_the_namespaces_asked_for) {
  const auto store = open_store();
  ASSERT_TRUE(store->open("kbs").value()->put("p", as_bytes("1"), kv::Overwrite::yes).ok());
  ASSERT_TRUE(store->open("repository").value()->put("r", as_bytes("2"), kv::Overwrite::yes).ok());
  const std::vector<std::string> names{"repository", "kbs"};
  const auto all = store->read_all(names).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "repository");
  EXPECT_EQ(all[0].entries, (std::vector<kv::Entry>{{"r", {'2'}}}));
  EXPECT_EQ(all[1].name, "kbs");
  EXPECT_EQ(all[1].entries, (std::vector<kv::Entry>{{"p", {'1'}}}));
}

TEST_P(KvContract, reopening_finds_what_was_stored) {
  ASSERT_TRUE(open_space()->put("a/b", as_bytes("kept"), kv::Overwrite::yes).ok());
  EXPECT_EQ(kv_contract::text_of(open_space()->get("a/b")),
            GetParam().persistent ? "value kept" : "absent");
}

TEST_P(KvContract, another_instance_sees_changes_and_a_new_version) {
  if (!GetParam().persistent) return;  // two memory stores are two stores
  const auto writer = open_space();
  const auto reader = open_space();
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t before = reader->version().value();
    ASSERT_TRUE(writer->put("k", as_bytes(std::to_string(i)), kv::Overwrite::yes).ok());
    EXPECT_GT(reader->version().value(), before) << i;
    EXPECT_EQ(kv_contract::text_of(reader->get("k")), "value " + std::to_string(i));
  }
}

TEST_P(KvContract, answers_as_a_map_would) {
  const bool passed = rc::check("store and map agree", [&] {
    const auto script = *kv_contract::steps();
    const TempDir dir;
    auto space = GetParam().open(dir.path()).value()->open("repository").value();
    kv_contract::Model model;
    for (const auto& step : script) {
      kv_contract::apply(step, *space, model);
    }
    if (GetParam().persistent) {
      space = GetParam().open(dir.path()).value()->open("repository").value();
    }
    RC_ASSERT(kv_contract::content_of(*space) == model);
  });
  EXPECT_TRUE(passed);
}

TEST_P(KvContract, sixty_four_clients_lose_and_tear_nothing) {
  constexpr int kClients = 64;
  constexpr int kRounds = 6;
  const auto space = open_space();
  ASSERT_TRUE(space->put("counter", as_bytes("0"), kv::Overwrite::yes).ok());
  ASSERT_TRUE(space->put("shared", ByteVec(5000, 'a'), kv::Overwrite::yes).ok());
  std::atomic<int> failures = 0;
  const auto client = [&](int id) {
    const std::string own = "client/" + std::to_string(id);
    for (int round = 0; round < kRounds; ++round) {
      const ByteVec value(static_cast<std::size_t>(5000 + id), static_cast<std::uint8_t>(id));
      const auto read = space->get("shared");
      const bool whole = read.ok() && read.value().has_value() &&
                         std::set<std::uint8_t>((*read)->begin(), (*read)->end()).size() == 1;
      const bool done = space->put("shared", value, kv::Overwrite::yes).ok() &&
                        space->put(own, value, kv::Overwrite::yes).ok() &&
                        space->get(own).value() == value && space->version().ok() &&
                        kv_contract::increment(*space, "counter");
      if (!whole || !done) ++failures;
    }
  };
  std::vector<std::thread> threads;
  for (int id = 0; id < kClients; ++id) {
    threads.emplace_back(client, id);
  }
  for (auto& t : threads) {
    t.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(kv_contract::text_of(space->get("counter")),
            "value " + std::to_string(kClients * kRounds));
  EXPECT_EQ(space->list().value().size(), static_cast<std::size_t>(kClients) + 2);
}

}  // namespace trustee
