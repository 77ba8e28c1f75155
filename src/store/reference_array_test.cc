#include "store/reference_array.h"

#include "store/mounted_testbed.h"
#include "tests/support/file_bytes.h"

namespace trustee {
namespace {

/// Reference values as the operator mounts them.
class ReferenceArray : public ::testing::Test {
 protected:
  ReferenceArray() {
    volume_.write({{"reference_value", "{}"}});
    inner_ = open_json(volume_.path(), "reference_value");
    space_ = store::with_reference_array(inner_, volume_ / "reference-values.json");
  }
  void put_inner(std::string_view key, std::string_view text) {
    ASSERT_TRUE(inner_->put(key, as_bytes(text), Overwrite::yes).ok());
  }
  TempDir dir_;
  KubeletVolume volume_{dir_ / "local_json"};
  std::shared_ptr<kv::Namespace> inner_;
  std::shared_ptr<kv::Namespace> space_;
};

TEST_F(ReferenceArray, is_joined_by_name_and_wins) {
  put_inner("a", "inner a");
  put_inner("b", "inner b");
  write_file(volume_ / "reference-values.json", R"([{"name":"b","value":1.50},{"name":"c"}])");
  EXPECT_EQ(text_of(space_->get("a")), "value inner a");
  EXPECT_EQ(text_of(space_->get("b")), R"(value {"name":"b","value":1.50})");
  EXPECT_EQ(text_of(space_->get("c")), R"(value {"name":"c"})");
  EXPECT_EQ(text_of(space_->get("d")), "absent");
  EXPECT_EQ(sorted(space_->list()), (Keys{"a", "b", "c"}));
  EXPECT_EQ(space_->entries().value().size(), 3U);
}

TEST_F(ReferenceArray, that_is_missing_or_empty_adds_nothing) {
  put_inner("a", "inner");
  EXPECT_EQ(sorted(space_->list()), Keys{"a"});
  for (const char* text : {"[]", "[\n]\n", "{}"}) {
    write_file(volume_ / "reference-values.json", text);
    EXPECT_EQ(sorted(space_->list()), Keys{"a"}) << text;
  }
}

TEST_F(ReferenceArray, keeps_what_is_malformed_apart_from_the_rest) {
  write_file(volume_ / "reference-values.json", R"([{"name":"good","value":1},7,{"value":2}])");
  EXPECT_EQ(sorted(space_->list()),
            (Keys{"good", "reference-values.json[1]", "reference-values.json[2]"}));
  write_file(volume_ / "reference-values.json", R"({"x":"eA==","y":"no base64!","z":{"value":1}})");
  EXPECT_EQ(text_of(space_->get("x")), "value x") << "the later form";
  EXPECT_EQ(text_of(space_->get("y")), R"(value "no base64!")");
  EXPECT_EQ(text_of(space_->get("z")), R"(value {"value":1})");
  for (const char* text : {"", "[", "7", "<html>"}) {
    write_file(volume_ / "reference-values.json", text);
    EXPECT_EQ(sorted(space_->list()), Keys{"reference-values.json"}) << text;
  }
}

TEST_F(ReferenceArray, is_read_again_when_kubelet_switches_and_counted) {
  const auto first = space_->version().value();
  EXPECT_EQ(space_->version().value(), first);
  volume_.write({{"reference_value", "{}"}, {"reference-values.json", R"([{"name":"a"}])"}});
  const auto second = space_->version().value();
  EXPECT_GT(second, first);
  EXPECT_EQ(sorted(space_->list()), Keys{"a"});
  volume_.write({{"reference_value", R"({"b":"Yg=="})"}, {"reference-values.json", "[]"}});
  EXPECT_GT(space_->version().value(), second);
  EXPECT_EQ(sorted(space_->list()), Keys{"b"});
}

TEST_F(ReferenceArray, refuses_writes_that_would_not_count_and_lets_others_pass) {
  write_file(volume_ / "reference-values.json", R"([{"name":"a"}])");
  const std::vector<kv::Entry> both{{"a", {'1'}}, {"b", {'2'}}};
  const auto refused = [](const auto& result) {
    return !result.ok() && result.error().is(kv::Errc::not_writable);
  };
  EXPECT_TRUE(refused(space_->put("a", as_bytes("x"), Overwrite::yes)));
  EXPECT_EQ(space_->put("a", as_bytes("x"), Overwrite::no).value(), kv::Put::already_exists);
  EXPECT_TRUE(refused(space_->put_all(both)));
  EXPECT_TRUE(refused(space_->replace_all(both)));
  EXPECT_TRUE(refused(space_->remove("a")));
  EXPECT_TRUE(refused(space_->compare_and_swap("a", std::nullopt, as_bytes("x"))));
  EXPECT_EQ(sorted(space_->list()), Keys{"a"}) << "all or nothing";
  EXPECT_TRUE(space_->put("b", as_bytes("2"), Overwrite::yes).ok());
  EXPECT_TRUE(space_->compare_and_swap("b", as_bytes("2"), as_bytes("3")).value());
  EXPECT_EQ(text_of(space_->remove("b")), "value 3");
  EXPECT_EQ(file_text(volume_ / "reference-values.json"), R"([{"name":"a"}])");
}

}  // namespace
}  // namespace trustee
