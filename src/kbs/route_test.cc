#include "kbs/route.h"

#include <gtest/gtest.h>

#include <string>

namespace trustee::kbs {
namespace {

TEST(Route, knows_builtin_names_with_their_verb_only) {
  EXPECT_EQ(route("POST", "/kbs/v0/auth").endpoint, Endpoint::auth);
  EXPECT_EQ(route("POST", "/kbs/v0/auth/more/segments").endpoint, Endpoint::auth);
  EXPECT_EQ(route("POST", "/kbs/v0/attest").endpoint, Endpoint::attest);
  EXPECT_EQ(route("GET", "/kbs/v0/resource-policy/x").endpoint, Endpoint::list_resource_policies);
  EXPECT_EQ(route("GET", "/kbs/v0/auth").endpoint, Endpoint::plugin);
  EXPECT_EQ(route("DELETE", "/kbs/v0/resource-policy").endpoint, Endpoint::plugin);
  EXPECT_EQ(route("GET", "/kbs/v0/").segments, std::vector<std::string>{""});
}

TEST(Route, decodes_once_and_splits_after_that) {
  const auto encoded = route("GET", "/kbs/v0/resource/a%2Fb/c");
  EXPECT_EQ(encoded.segments, (std::vector<std::string>{"resource", "a", "b", "c"}));
  EXPECT_EQ(route("GET", "/kbs/v0/resource/a%252Fb").segments,
            (std::vector<std::string>{"resource", "a%2Fb"}));
  EXPECT_EQ(route("GET", "/kbs/v0/resource//x").segments,
            (std::vector<std::string>{"resource", "", "x"}));
}

TEST(Route, passes_on_what_is_no_escape_and_what_is_no_text) {
  const auto r = route("GET", "/kbs/v0/resource/%zz/%ff?a=%zz&b=%ff");
  EXPECT_EQ(r.endpoint, Endpoint::plugin);
  EXPECT_EQ(r.segments, (std::vector<std::string>{"resource", "%zz", "\xff"}));
  EXPECT_EQ(r.path, "/kbs/v0/resource/%zz/\xff");
  EXPECT_EQ(r.query.at("a"), "%zz");
  EXPECT_EQ(r.query.at("b"), "\xEF\xBF\xBD");
}

TEST(Route, keeps_the_last_value_of_a_query_key) {
  const auto r = route("GET", "/kbs/v0/resource/a/b/c?v=1&v=2&flag&s=a+b%20c");
  EXPECT_EQ(r.query.at("v"), "2");
  EXPECT_EQ(r.query.at("flag"), "");
  EXPECT_EQ(r.query.at("s"), "a b c");
}

TEST(Route, decodes_a_query_of_exactly_the_limit_and_none_of_one_byte_more) {
  const std::string longest = "k=" + std::string(kMaxQuery - 2, 'v');
  for (const std::string path : {"/kbs/v0/resource/a/b/c", "/kbs/admin/v1/explain/abc"}) {
    const auto fits = route("GET", path + '?' + longest);
    EXPECT_NE(fits.endpoint, Endpoint::query_too_long) << path;
    EXPECT_EQ(fits.query.at("k").size(), kMaxQuery - 2) << path;
    const auto over = route("GET", path + '?' + longest + 'v');
    EXPECT_EQ(over.endpoint, Endpoint::query_too_long) << path;
    EXPECT_TRUE(over.query.empty()) << path;
  }
  EXPECT_EQ(route("POST", "/kbs/v0/auth?" + longest + 'v').endpoint, Endpoint::query_too_long);
}

TEST(Route, a_long_query_changes_nothing_where_none_is_read) {
  const std::string query = '?' + std::string(kMaxQuery + 1, 'q');
  EXPECT_EQ(route("GET", "/healthz" + query).endpoint, Endpoint::healthz);
  EXPECT_EQ(route("GET", "/metrics" + query).endpoint, Endpoint::metrics);
  EXPECT_EQ(route("GET", "/nosuch" + query).endpoint, Endpoint::not_found);
  EXPECT_EQ(route("PATCH", "/kbs/v0/resource/a" + query).endpoint, Endpoint::method_not_allowed);
}

TEST(Route, acl_paths_leave_out_queries_and_ignored_segments) {
  EXPECT_EQ(route("POST", "/kbs/v0/resource-policy?x=/public").path, "/kbs/v0/resource-policy");
  EXPECT_EQ(route("POST", "/kbs/v0/resource-policy/..%2Fpublic").path, "/kbs/v0/resource-policy");
  EXPECT_EQ(route("GET", "/kbs/v0/reference-value/a/b").path, "/kbs/v0/reference-value/a/b");
  EXPECT_EQ(route("POST", "http://h:1/kbs/v0/resource/a/b/c").path, "/kbs/v0/resource/a/b/c");
}

TEST(Route, a_slash_in_the_query_of_an_absolute_target_is_no_path) {
  EXPECT_EQ(route("POST", "http://h?/kbs/v0/auth").endpoint, Endpoint::not_found);
  EXPECT_EQ(route("POST", "http://h#/kbs/v0/auth").endpoint, Endpoint::not_found);
  EXPECT_EQ(route("POST", "http://h/kbs/v0/auth").endpoint, Endpoint::auth);
  EXPECT_EQ(route("GET", "http://h").endpoint, Endpoint::not_found);
}

TEST(Route, other_paths_and_verbs) {
  EXPECT_EQ(route("GET", "/kbs/v0").endpoint, Endpoint::not_found);
  EXPECT_EQ(route("GET", "/").endpoint, Endpoint::not_found);
  EXPECT_EQ(route("GET", "/metrics").endpoint, Endpoint::metrics);
  EXPECT_EQ(route("POST", "/metrics").allow, "");
  EXPECT_EQ(route("PUT", "/metrics").allow, "GET, POST");
  EXPECT_EQ(route("GET", "/metrics/").endpoint, Endpoint::not_found);
  EXPECT_EQ(route("HEAD", "/healthz").endpoint, Endpoint::not_found);
  const auto patch = route("PATCH", "/kbs/v0/resource/a/b/c");
  EXPECT_EQ(patch.endpoint, Endpoint::method_not_allowed);
  EXPECT_EQ(patch.allow, "GET, POST, PUT, DELETE");
  EXPECT_EQ(route("GET", "/kbs/admin/v1/generation").endpoint, Endpoint::generation);
  EXPECT_EQ(route("GET", "/kbs/admin/v1/explain/abc").endpoint, Endpoint::explain);
  EXPECT_EQ(route("GET", "/kbs/admin/v1/nosuch").endpoint, Endpoint::not_found);
}

}  // namespace
}  // namespace trustee::kbs
