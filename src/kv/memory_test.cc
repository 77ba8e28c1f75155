#include "kv/memory.h"

#include "tests/support/kv_contract.h"

namespace trustee {
namespace {

KvSubject memory() {
  return {.name = "memory",
          .open = [](const std::string&) -> Result<std::shared_ptr<kv::Store>> {
            return kv::create_memory_store();
          },
          .any_key = true,
          .persistent = false};
}
INSTANTIATE_TEST_SUITE_P(Kv, KvContract, ::testing::Values(memory()), kv_subject_name);

TEST(MemoryStore, a_new_store_is_empty) {
  CASE("RV-47");
  const auto before = kv::create_memory_store();
  ASSERT_TRUE(
      before->open("reference_value").value()->put("svn", as_bytes("{}"), kv::Overwrite::yes).ok());
  const auto after = kv::create_memory_store();
  EXPECT_EQ(after->open("reference_value").value()->list().value(), std::vector<std::string>{});
}

TEST(CheckKey, is_the_rule_of_the_specification) {
  EXPECT_TRUE(kv::check_key("").ok());
  EXPECT_TRUE(kv::check_key("AZaz09._/-").ok());
  for (const char c : std::string_view(":\\ @`[{~\x80,+\0", 11)) {
    EXPECT_FALSE(kv::check_key(std::string_view(&c, 1)).ok()) << static_cast<int>(c);
  }
}

TEST(CheckNamespace, refuses_nul_and_dot_segments_only) {
  EXPECT_TRUE(kv::check_namespace("kbs_protocol_session").ok());
  EXPECT_TRUE(kv::check_namespace("a/...").ok());
  EXPECT_FALSE(kv::check_namespace("..").ok());
  EXPECT_FALSE(kv::check_namespace("a/.").ok());
  EXPECT_FALSE(kv::check_namespace(std::string_view("a\0b", 3)).ok());
}

}  // namespace
}  // namespace trustee
