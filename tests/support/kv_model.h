#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "kv/store.h"

namespace trustee {

/// What the tests of stores share: a map as the model of a namespace, random steps against both,
/// and clients that write at the same time.
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

/// Adds one to a decimal counter by compare-and-swap until it succeeds. False when a call failed or
/// the counter is no number.
inline bool increment(kv::Namespace& space, std::string_view key) {
  while (true) {
    const auto old = space.get(key);
    if (!old.ok() || !old.value().has_value()) return false;
    const std::string_view digits = as_text(**old);
    int n = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return false;
    const auto swapped = space.compare_and_swap(key, Bytes(**old), as_bytes(std::to_string(n + 1)));
    if (!swapped.ok()) return false;
    if (swapped.value()) return true;
  }
}

constexpr int kClientRounds = 6;

inline void prepare_for_clients(kv::Namespace& space) {
  ASSERT_TRUE(space.put("counter", as_bytes("0"), kv::Overwrite::yes).ok());
  ASSERT_TRUE(space.put("shared", ByteVec(1500, 'a'), kv::Overwrite::yes).ok());
}

/// One client: writes a shared key, one of its own and the counter. False when a call failed, a
/// value was torn or its own value was not found.
inline bool client_succeeds(kv::Namespace& space, int id) {
  const std::string own = "client/" + std::to_string(id);
  for (int round = 0; round < kClientRounds; ++round) {
    const ByteVec value(static_cast<std::size_t>(1500 + id), static_cast<std::uint8_t>(id));
    const auto read = space.get("shared");
    if (!read.ok() || !read.value().has_value()) return false;
    if (std::set<std::uint8_t>((*read)->begin(), (*read)->end()).size() != 1) return false;
    if (!space.put("shared", value, kv::Overwrite::yes).ok()) return false;
    if (!space.put(own, value, kv::Overwrite::yes).ok()) return false;
    const auto back = space.get(own);
    if (!back.ok() || back.value() != value) return false;
    if (!space.version().ok() || !increment(space, "counter")) return false;
  }
  return true;
}

/// How many of the clients `first` to `first + count - 1`, a thread each, failed.
inline int failures_of_clients(kv::Namespace& space, int first, int count) {
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int id = first; id < first + count; ++id) {
    threads.emplace_back([&space, &failures, id] {
      if (!client_succeeds(space, id)) ++failures;
    });
  }
  for (auto& t : threads) {
    t.join();
  }
  return failures;
}

inline void expect_all_clients_counted(kv::Namespace& space, int clients) {
  EXPECT_EQ(text_of(space.get("counter")), "value " + std::to_string(clients * kClientRounds));
  EXPECT_EQ(space.list().value().size(), static_cast<std::size_t>(clients) + 2);
}

}  // namespace kv_contract

}  // namespace trustee
