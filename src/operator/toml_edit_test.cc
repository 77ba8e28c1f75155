#include "operator/toml_edit.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "operator/errors.h"
#include "operator/toml_write.h"
#include "tests/support/case.h"
#include "toml/toml.h"

namespace trustee::operators {
namespace {

TlsSettings profile(const std::string& name) { return {name, {{"tls_profile", name}}}; }
const TlsSettings kCustom = {
    "custom", {{"tls_profile", "custom"}, {"tls_min_version", "1.3"}, {"tls_groups", "x25519"}}};

std::string merged(std::string_view text, const TlsSettings& wanted) {
  const auto result = merge_tls(text, wanted);
  return result.ok() ? *result : std::string(result.error().code().name());
}

// The expected texts of the merge are written by hand: the lines around the block as they were.

constexpr std::string_view kModern =
    "[http_server]\n"
    "sockets = [\"0.0.0.0:8080\"] # all of them\n"
    "worker_count = 9\n"
    "\n"
    "# TLS configuration - Mozilla modern profile\n"
    "\n"
    "tls_profile = \"modern\"\n"
    "\n"
    "[admin]   # mine\n"
    "authorization_mode='DenyAll'\n"
    "\t# tls_profile = \"modern\" is no setting here\n";

TEST(MergeTls, replaces_the_profile_and_keeps_every_other_byte) {
  CASE("OP-25");
  EXPECT_EQ(merged(kModern, profile("intermediate")),
            "[http_server]\n"
            "sockets = [\"0.0.0.0:8080\"] # all of them\n"
            "worker_count = 9\n"
            "\n"
            "# TLS configuration - Mozilla intermediate profile\n"
            "\n"
            "tls_profile = \"intermediate\"\n"
            "\n"
            "[admin]   # mine\n"
            "authorization_mode='DenyAll'\n"
            "\t# tls_profile = \"modern\" is no setting here\n");
}

TEST(MergeTls, puts_custom_lines_in_the_place_of_a_profile) {
  CASE("OP-26");
  EXPECT_EQ(
      merged("[http_server]\nworker_count = 4\ntls_profile = \"modern\"\n\n\n[admin]\n", kCustom),
      "[http_server]\nworker_count = 4\n"
      "\n# TLS configuration - Mozilla custom profile\n\n"
      "tls_profile = \"custom\"\ntls_min_version = \"1.3\"\ntls_groups = \"x25519\"\n"
      "\n[admin]\n");
}

TEST(MergeTls, leaves_a_text_without_a_server_or_with_the_wanted_settings_alone) {
  CASE("OP-27");
  CASE("OP-28");
  for (const std::string_view text :
       {std::string_view("[admin]\nx = 1"), kModern,
        std::string_view("http_server.tls_profile = 'modern'\r\n"),
        std::string_view("http_server = { tls_profile = \"modern\" }")}) {
    EXPECT_EQ(merged(text, profile("modern")), text);
  }
}

TEST(MergeTls, twice_is_once) {
  CASE("OP-28");
  for (const auto& wanted : {profile("old"), kCustom}) {
    const auto once = merged(kModern, wanted);
    EXPECT_EQ(merged(once, wanted), once);
    EXPECT_EQ(once.find("\n\n\n\n"), std::string::npos);
  }
}

TEST(MergeTls, understands_every_way_to_write_the_table) {
  const std::string block =
      "\n# TLS configuration - Mozilla modern profile\n\ntls_profile = \"modern\"\n";
  EXPECT_EQ(merged("[ \"http_server\" ] # header\nx = 1", profile("modern")),
            "[ \"http_server\" ] # header\nx = 1\n" + block);
  EXPECT_EQ(merged("[http_server]\ntls_profile=\"old\"\n", profile("modern")),
            "[http_server]\n" + block);
  EXPECT_EQ(
      merged("[http_server]\n'tls_ciphers' = \"\"\"\n[admin]\n\"\"\"\nx = 1\n", profile("modern")),
      "[http_server]\nx = 1\n" + block);
  EXPECT_EQ(
      merged("http_server.x = 1\nhttp_server.tls_profile = \"old\"\ny = 2\n", profile("modern")),
      "http_server.x = 1\n"
      "\n# TLS configuration - Mozilla modern profile\n\n"
      "http_server.tls_profile = \"modern\"\n\ny = 2\n");
  EXPECT_EQ(
      merged("[http_server]\nx = [ # ]\n 1, 2 ]\n[other]\n[http_server.sub]\nz = 1\n",
             profile("modern")),
      "[http_server]\nx = [ # ]\n 1, 2 ]\n" + block + "\n[other]\n[http_server.sub]\nz = 1\n");
}

TEST(MergeTls, keeps_long_lines_and_line_ends) {
  const std::string comment = "# " + std::string(100'000, 'x') + "\r\n";
  EXPECT_EQ(merged("[http_server]\r\na = 1\r\n" + comment + "[b]\r\n", profile("old")),
            "[http_server]\r\na = 1\r\n"
            "\n# TLS configuration - Mozilla old profile\n\ntls_profile = \"old\"\n\n" +
                comment + "[b]\r\n");
}

TEST(MergeTls, refuses_what_it_cannot_edit_safely) {
  EXPECT_EQ(merged("http_server = { x = 1 }", profile("modern")), "toml_not_editable");
  EXPECT_EQ(merged("[http_server", profile("modern")), "toml_malformed");
}

TEST(SetTomlText, replaces_adds_and_makes_the_table) {
  constexpr std::array<std::string_view, 3> kPath = {"a", "b-c", "url"};
  const auto set = [&](std::string_view text) {
    const auto result = set_toml_text(text, kPath, "file:///x\"y");
    return result.ok() ? *result : std::string(result.error().code().name());
  };
  EXPECT_EQ(set("[a.b-c]\nurl = 'old'  # why\nz = 1\n"),
            "[a.b-c]\nurl = \"file:///x\\\"y\"  # why\nz = 1\n");
  EXPECT_EQ(set("[a.b-c]\nz = 1\n# end\n[d]\n"),
            "[a.b-c]\nz = 1\nurl = \"file:///x\\\"y\"\n# end\n[d]\n");
  EXPECT_EQ(set("x = 1"), "x = 1\n\n[a.b-c]\nurl = \"file:///x\\\"y\"\n");
  EXPECT_EQ(set("a = { b-c = 1 }"), "toml_not_editable");
  EXPECT_EQ(set("a = { z = 1 }"), "toml_not_editable");
  EXPECT_EQ(set("a ="), "toml_malformed");
}

TEST(PrependTomlTexts, come_before_every_table) {
  constexpr std::array<std::string_view, 2> kValues = {"/a", "/b"};
  EXPECT_EQ(prepend_toml_texts("[t]\n", "keys", kValues).value(), "keys = [\"/a\", \"/b\"]\n[t]\n");
  EXPECT_TRUE(prepend_toml_texts("keys = []", "keys", kValues).error().is(Errc::toml_malformed));
}

TEST(WriteToml, reads_back_as_the_same_tree) {
  const json::Object tree{
      {"top", "a\n\"\\\x01\x7F é"},
      {"empty", json::Object{}},
      {"t", json::Object{{"n", 5},
                         {"list", json::Array{1, json::Array{"x"}, json::Object{{"k", true}}}},
                         {"sub.key", json::Object{{"v", false}}}}},
      {"plugins", json::Array{json::Object{{"name", "resource"}, {"o", json::Object{{"p", 1}}}},
                              json::Object{}}}};
  const auto read = toml::parse(write_toml(tree), toml::Foreign::plain);
  ASSERT_TRUE(read.ok()) << write_toml(tree);
  EXPECT_EQ(json::Value(*read), json::Value(tree)) << write_toml(tree);
}

TEST(WriteToml, writes_tables_as_people_do) {
  EXPECT_EQ(write_toml({{"a", json::Object{{"x", 1}, {"b", json::Object{{"y", "z"}}}}},
                        {"p", json::Array{json::Object{{"n", 1}}}}}),
            "[a]\nx = 1\n\n[a.b]\ny = \"z\"\n\n[[p]]\nn = 1\n");
}

RC_GTEST_PROP(WriteTomlProperty, any_text_reads_back, (const std::string& bytes)) {
  std::string text;
  for (const char c : bytes) {
    text += static_cast<char>(static_cast<unsigned char>(c) & 0x7FU);
  }
  std::string line = "k = ";
  append_toml_string(line, text);
  const auto read = toml::parse(line, toml::Foreign::plain);
  RC_ASSERT(read.ok());
  RC_ASSERT(*read->find("k")->as_string() == text);
}

}  // namespace
}  // namespace trustee::operators
