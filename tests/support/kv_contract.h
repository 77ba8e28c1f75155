#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "kv/store.h"
#include "tests/support/case.h"
#include "tests/support/kv_model.h"
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
  const auto space = open_space();
  kv_contract::prepare_for_clients(*space);
  EXPECT_EQ(kv_contract::failures_of_clients(*space, 0, 64), 0);
  kv_contract::expect_all_clients_counted(*space, 64);
}

TEST_P(KvContract, sixty_four_clients_of_two_processes_lose_and_tear_nothing) {
  if (!GetParam().persistent) return;  // lives in one process
  {
    kv_contract::prepare_for_clients(*open_space());
  }
  std::vector<pid_t> children;
  for (const int first : {0, 32}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(kv_contract::failures_of_clients(*open_space(), first, 32));
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  kv_contract::expect_all_clients_counted(*open_space(), 64);
}

}  // namespace trustee
