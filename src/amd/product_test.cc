#include "amd/product.h"

#include <gtest/gtest.h>

#include "amd/errors.h"

namespace trustee::amd {
namespace {

TEST(Product, FollowsTheCpuidTableAtItsEdges) {
  const struct {
    std::uint8_t family, model;
    Product product;
  } rows[] = {
      {0x19, 0x00, Product::milan}, {0x19, 0x0F, Product::milan}, {0x19, 0x10, Product::genoa},
      {0x19, 0x1F, Product::genoa}, {0x19, 0xA0, Product::genoa}, {0x19, 0xAF, Product::genoa},
      {0x1A, 0x00, Product::turin}, {0x1A, 0x11, Product::turin},
  };
  for (const auto& row : rows) {
    const auto product = product_from_cpuid(row.family, row.model);
    ASSERT_TRUE(product.ok()) << int{row.family} << " " << int{row.model};
    EXPECT_EQ(*product, row.product);
  }
}

TEST(Product, RefusesUnknownModelsAndFamilies) {
  for (const std::uint8_t model : ByteVec{0x20, 0x9F, 0xB0, 0xFF}) {
    EXPECT_TRUE(product_from_cpuid(0x19, model).error().is(Errc::processor_model_not_supported));
  }
  EXPECT_TRUE(product_from_cpuid(0x1A, 0x12).error().is(Errc::processor_model_not_supported));
  for (const std::uint8_t family : ByteVec{0x00, 0x17, 0x18, 0x1B, 0xFF}) {
    EXPECT_TRUE(product_from_cpuid(family, 0).error().is(Errc::processor_family_not_supported));
  }
}

TEST(Tcb, ReadsTheLegacyLayout) {
  // evidence-genoa-e2e: boot loader 10, TEE 0, SNP 23, microcode 25
  const ByteArray<8> raw{0x0A, 0, 0, 0, 0, 0, 0x17, 0x19};
  Cursor c(raw);
  const Tcb tcb = read_tcb(c, TcbLayout::legacy);
  ASSERT_TRUE(c.finish().ok());
  EXPECT_EQ(tcb, (Tcb{std::nullopt, 10, 0, 23, 25}));
  EXPECT_EQ(write_tcb(tcb, TcbLayout::legacy), raw);
}

TEST(Tcb, ReadsTheTurinLayout) {
  const ByteArray<8> raw{1, 2, 3, 4, 0, 0, 0, 5};
  Cursor c(raw);
  const Tcb tcb = read_tcb(c, TcbLayout::turin);
  ASSERT_TRUE(c.finish().ok());
  EXPECT_EQ(tcb, (Tcb{1, 2, 3, 4, 5}));
  EXPECT_EQ(write_tcb(tcb, TcbLayout::turin), raw);
}

TEST(Tcb, RefusesUnusedBytesThatAreNotZero) {
  for (std::size_t i = 2; i < 6; ++i) {
    ByteArray<8> raw{};
    raw[i] = 1;
    Cursor c(raw);
    (void)read_tcb(c, TcbLayout::legacy);
    EXPECT_TRUE(c.finish().error().is(CursorErrc::reserved_not_zero)) << i;
  }
  for (std::size_t i = 4; i < 7; ++i) {
    ByteArray<8> raw{};
    raw[i] = 1;
    Cursor c(raw);
    (void)read_tcb(c, TcbLayout::turin);
    EXPECT_TRUE(c.finish().error().is(CursorErrc::reserved_not_zero)) << i;
  }
}

TEST(Tcb, WritesAMissingFmcAsZeroAndDropsOneWhereThereIsNone) {
  EXPECT_EQ(write_tcb({std::nullopt, 1, 2, 3, 4}, TcbLayout::turin),
            (ByteArray<8>{0, 1, 2, 3, 0, 0, 0, 4}));
  EXPECT_EQ(write_tcb({9, 1, 2, 3, 4}, TcbLayout::legacy), (ByteArray<8>{1, 2, 0, 0, 0, 0, 3, 4}));
}

}  // namespace
}  // namespace trustee::amd
