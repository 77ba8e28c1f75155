#include "net/self_signed.h"

#include <gtest/gtest.h>

namespace trustee::net {
namespace {

TEST(SelfSigned, makes_a_pair_that_a_server_takes) {
  const auto made = SelfSigned::create(SystemClock().now());
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  const auto context = TlsContext::create((*made)->config());
  EXPECT_TRUE(context.ok()) << context.error().to_string();
}

TEST(SelfSigned, makes_another_pair_each_time) {
  const auto one = SelfSigned::create(SystemClock().now());
  const auto two = SelfSigned::create(SystemClock().now());
  ASSERT_TRUE(one.ok() && two.ok());
  TlsConfig mixed = (*one)->config();
  mixed.private_key_file = (*two)->config().private_key_file;
  const auto context = TlsContext::create(mixed);
  ASSERT_FALSE(context.ok());
  EXPECT_TRUE(context.error().is(Errc::tls_key_mismatch));
}

}  // namespace
}  // namespace trustee::net
