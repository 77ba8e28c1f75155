#include "client/cookies.h"

#include <gtest/gtest.h>

namespace trustee::client {
namespace {

std::string kept(const std::vector<std::string>& fields) {
  Cookies cookies;
  cookies.take(fields);
  return cookies.field();
}

TEST(Cookies, come_back_by_name_and_value_in_the_order_of_their_names_first_use) {
  EXPECT_EQ(kept({}), "");
  EXPECT_EQ(kept({"lb=a; Path=/; HttpOnly; Secure", "kbs-session-id=1; Path=/kbs/v0", "lb=b"}),
            "lb=b; kbs-session-id=1");
  EXPECT_EQ(kept({" a = b c ;x", "d=e=f"}), "a=b c; d=e=f");
}

TEST(Cookies, that_are_ended_or_no_cookies_are_not_kept) {
  for (const char* end :
       {"a=", "a", "a=x; Max-Age=0", "a=x; path=/; max-age= -1", "a=x;MAX-AGE=0"}) {
    EXPECT_EQ(kept({"a=1", end}), "") << end;
  }
  for (const char* goes_on : {"a=2; Max-Age=1", "a=2; Max-Age=x", "a=2; Max-Age", "a=2; Max-Agee=0",
                              "a=2; Max-Age=0; Max-Age=1"}) {
    EXPECT_EQ(kept({"a=1", goes_on}), "a=2") << goes_on;
  }
  for (const char* none : {"", "=1", ";a=1", "a b=1", "b\x01=1", "b=\x1b", "b=\xc3\xbc"}) {
    EXPECT_EQ(kept({"a=1", none}), "a=1") << none;
  }
}

TEST(Cookies, are_bounded_in_size_and_number_but_the_session_always_has_room) {
  const std::string longest(Cookies::kMaxCookie - 1, 'x');
  EXPECT_EQ(kept({"a=" + longest}), "a=" + longest);
  EXPECT_EQ(kept({"a=1", "a=x" + longest}), "a=1");
  Cookies cookies;
  std::string all;
  for (std::size_t i = 0; i <= Cookies::kMaxOthers; ++i) {
    const std::string cookie = "c" + std::to_string(i) + "=1";
    cookies.take(std::vector<std::string>{cookie});
    if (i < Cookies::kMaxOthers) all += (all.empty() ? "" : "; ") + cookie;
  }
  EXPECT_EQ(cookies.field(), all);
  EXPECT_FALSE(cookies.has(Cookies::kSession));
  cookies.take(std::vector<std::string>{"kbs-session-id=s", "more=1", "c0=2"});
  all[3] = '2';
  EXPECT_EQ(cookies.field(), all + "; kbs-session-id=s");
  EXPECT_TRUE(cookies.has(Cookies::kSession));
  cookies.forget(Cookies::kSession);
  EXPECT_EQ(cookies.field(), all);
}

}  // namespace
}  // namespace trustee::client
