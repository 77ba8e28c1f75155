#include "net/internal/stop.h"

#include <gtest/gtest.h>

#include "net/errors.h"

namespace trustee::net {
namespace {

int status_of(Errc code) { return refusal(stop_of(Error(code))).status; }

TEST(Stop, is_answered_with_the_status_of_its_cause) {
  EXPECT_EQ(status_of(Errc::head_malformed), 400);
  EXPECT_EQ(status_of(Errc::framing_ambiguous), 400);
  EXPECT_EQ(status_of(Errc::chunk_malformed), 400);
  EXPECT_EQ(status_of(Errc::header_count_exceeded), 431);
  EXPECT_EQ(status_of(Errc::body_too_large), 413);
  EXPECT_EQ(status_of(Errc::transfer_coding_unsupported), 501);
  for (const Errc busy : {Errc::pool_full, Errc::peer_share_exceeded, Errc::pool_stopped}) {
    EXPECT_EQ(status_of(busy), 503);
  }
}

TEST(Stop, of_a_coding_that_is_wrong_is_told_in_words) {
  for (const Errc code : {Errc::content_coding_malformed, Errc::content_coding_nested}) {
    EXPECT_EQ(status_of(code), 400);
    EXPECT_EQ(as_text(refusal(stop_of(Error(code))).body), "can not decode content-encoding");
  }
}

TEST(Stop, for_want_of_memory_is_no_fault_of_the_client) {
  EXPECT_EQ(status_of(Errc::job_failed), 500);
  EXPECT_EQ(status_of(Errc::decoder_unavailable), 500);
}

TEST(Stop, closes_the_connection) {
  EXPECT_TRUE(refusal(Stop::busy).close);
  EXPECT_TRUE(refusal(Stop::body_too_large).close);
}

}  // namespace
}  // namespace trustee::net
