#include "codec/pem.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/errors.h"

namespace trustee::codec {
namespace {

bool malformed(std::string_view text, PemLimits limits = {}) {
  const auto blocks = pem_read(text, limits);
  return !blocks.ok() && blocks.error().is(Errc::pem_malformed);
}

const std::string kBlock = "-----BEGIN X Y-----\nZm9v\nYmFy\n-----END X Y-----\n";

TEST(Pem, ReadsBlocksBetweenWhiteSpace) {
  const auto blocks = pem_read(" \r\n" + kBlock + "\n\n" + kBlock);
  ASSERT_TRUE(blocks.ok());
  ASSERT_EQ(blocks->size(), 2U);
  EXPECT_EQ((*blocks)[1].label, "X Y");
  EXPECT_EQ(as_text((*blocks)[1].der), "foobar");
}

TEST(Pem, ReadsCrlfAndATextWithoutFinalNewline) {
  const auto blocks = pem_read("-----BEGIN A-----\r\nZm9v\r\n-----END A-----");
  ASSERT_TRUE(blocks.ok());
  EXPECT_EQ(as_text(blocks->front().der), "foo");
}

TEST(Pem, RefusesWhateverIsNotABlock) {
  for (const std::string text : {"",
                                 " \n",
                                 "x\n",
                                 "-----BEGIN A-----\n",
                                 "-----BEGIN A-----\nZm9v\n",
                                 "-----BEGIN A-----\nZm9v\n-----END B-----\n",
                                 "-----BEGIN A-----\n-----END A-----\n",
                                 "-----BEGIN A-----\nZm9v=\n-----END A-----\n",
                                 "-----BEGIN A-----\nZm9\n-----END A-----\n",
                                 "-----BEGIN A-----\nZm 9v\n-----END A-----\n",
                                 "-----BEGIN A-----\n\nZm9v\n-----END A-----\n",
                                 "-----BEGIN A-----\nProc-Type: 4\n\nZm9v\n-----END A-----\n",
                                 "-----BEGIN -----\nZm9v\n-----END -----\n",
                                 "-----BEGIN A----\nZm9v\n-----END A----\n",
                                 "-----BEGIN A-----x\nZm9v\n-----END A-----\n",
                                 "-----BEGIN A-----Zm9v-----END A-----",
                                 "-----BEGIN A-----\nZm9v\n-----END A-----x\n",
                                 "-----BEGIN A-B-----\nZm9v\n-----END A-B-----\n",
                                 "-----BEGIN A-----\n-----BEGIN A-----\nZm9v\n-----END A-----\n",
                                 "-----BEGIN\nZm9v\n-----END\n",
                                 "-----BEGIN A-----\nZm9v\n----END A-----\n"}) {
    EXPECT_TRUE(malformed(text)) << text;
  }
  EXPECT_TRUE(malformed("text before\n" + kBlock));
  EXPECT_TRUE(malformed(kBlock + "between\n" + kBlock));
  EXPECT_TRUE(malformed(kBlock + std::string(1, '\0')));
}

TEST(Pem, HoldsItsLimits) {
  EXPECT_FALSE(malformed(kBlock, {.bytes = kBlock.size()}));
  EXPECT_TRUE(malformed(kBlock + "\n", {.bytes = kBlock.size()}));
  EXPECT_FALSE(malformed(kBlock + kBlock, {.blocks = 2}));
  EXPECT_TRUE(malformed(kBlock + kBlock + kBlock, {.blocks = 2}));
}

TEST(Pem, ReadsExactlyOneBlockOfOneLabel) {
  EXPECT_EQ(as_text(*pem_read_single(kBlock, "X Y")), "foobar");
  EXPECT_TRUE(pem_read_single(kBlock, "X").error().is(Errc::pem_malformed));
  EXPECT_TRUE(pem_read_single(kBlock + kBlock, "X Y").error().is(Errc::pem_malformed));
}

TEST(Pem, WritesLinesOf64Characters) {
  EXPECT_EQ(pem_write("A", ByteVec(49)),
            "-----BEGIN A-----\n" + std::string(64, 'A') + "\nAA==\n-----END A-----\n");
  EXPECT_EQ(*pem_read_single(pem_write("A", ByteVec(49)), "A"), ByteVec(49));
}

}  // namespace
}  // namespace trustee::codec
