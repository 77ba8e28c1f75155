#include <gtest/gtest.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "base/snapshot.h"
#include "base/try.h"
#include "base/wiped.h"
#include "tests/support/secret_access.h"

namespace trustee {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error(CursorErrc::truncated, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  TRY(const int h, half(n));
  TRY(const int q, half(h));
  return q;
}

Result<void> check_even(int n) {
  TRY_VOID(half(n).while_doing("halving"));
  return {};
}

TEST(Result, try_passes_values_and_errors_on) {
  EXPECT_EQ(quarter(12).value(), 3);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed.ok());
  EXPECT_TRUE(failed.error().is(CursorErrc::truncated));
  EXPECT_FALSE(failed.error().is(CursorErrc::trailing_bytes));
}

TEST(Error, prints_code_detail_and_context) {
  const auto r = check_even(3);
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().to_string(), "bytes.truncated: odd (while halving)");
  EXPECT_EQ(r.error().code().actor(), Actor::guest);
}

TEST(Result, value_of_an_error_aborts) { EXPECT_DEATH((void)half(1).value(), "check failed"); }

TEST(Cursor, reads_both_byte_orders_and_finishes) {
  const ByteVec in{1, 2, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 5, 9, 9};
  Cursor c(in);
  EXPECT_EQ(c.u8(), 1);
  EXPECT_EQ(c.u16le(), 2);
  EXPECT_EQ(c.u32le(), 3U);
  EXPECT_EQ(c.u16be(), 4);
  EXPECT_EQ(c.u32be(), 5U);
  EXPECT_EQ(c.take(2).size(), 2U);
  EXPECT_TRUE(c.finish().ok());
}

TEST(Cursor, poisoned_reads_are_zero_and_the_first_offset_is_reported) {
  const ByteVec in{1, 2, 3};
  Cursor c(in);
  c.u16le();
  EXPECT_EQ(c.u32le(), 0U);
  EXPECT_EQ(c.u8(), 0);
  EXPECT_EQ(c.array<2>(), (ByteArray<2>{}));
  const auto end = c.finish();
  ASSERT_FALSE(end.ok());
  EXPECT_TRUE(end.error().is(CursorErrc::truncated));
  EXPECT_EQ(end.error().detail(), "at offset 2");
}

TEST(Cursor, refuses_trailing_bytes_and_reserved_bits) {
  const ByteVec in{0, 0, 1};
  Cursor trailing(in);
  trailing.zeros(2);
  EXPECT_TRUE(trailing.finish().error().is(CursorErrc::trailing_bytes));
  Cursor reserved(in);
  reserved.zeros(3);
  EXPECT_TRUE(reserved.finish().error().is(CursorErrc::reserved_not_zero));
}

TEST(Cursor, length_at_its_limit_passes_and_one_past_does_not) {
  const ByteVec in{8, 0, 9, 0};
  Cursor c(in);
  EXPECT_EQ(c.length_u16le(8).value(), 8U);
  EXPECT_TRUE(c.length_u16le(8).error().is(CursorErrc::length_out_of_bounds));
}

TEST(Secret, compares_in_constant_time_and_empties_its_source) {
  ByteVec plain{1, 2, 3};
  SecretBytes a(std::move(plain));
  SecretBytes b = a.duplicate();
  EXPECT_TRUE(equal_ct(a, b));
  SecretBytes c = std::move(b);
  EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move): the point of the test
  EXPECT_EQ(c.reveal(SecretAccessForTest::key()), (ByteVec{1, 2, 3}));
}

TEST(Secret, short_text_is_wiped_in_the_source_object) {
  std::string plain = "hunter2";
  const char* inside = plain.data();
  SecretText secret(std::move(plain));
  EXPECT_EQ(std::string(inside, 7), std::string(7, '\0'));
  EXPECT_EQ(secret.reveal(SecretAccessForTest::key()), "hunter2");
}

/// Looks at what comes back, for traces.
template <class T>
struct Inspecting : std::allocator<T> {
  void deallocate(T* p, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(p[i], T{}) << i << " of " << n;
    }
    returned += 1;
    std::allocator<T>::deallocate(p, n);
  }
  static inline int returned = 0;
};

TEST(WipingAllocator, leaves_nothing_behind_whatever_happens_to_the_bytes) {
  using Vec = std::vector<std::uint8_t, WipingAllocator<std::uint8_t, Inspecting>>;
  Vec bytes(7, 0x5a);
  for (int i = 0; i < 1000; ++i) {
    bytes.push_back(0x5a);  // grows
  }
  Vec moved = std::move(bytes);
  moved.resize(3);
  moved.shrink_to_fit();
  moved = Vec(5000, 0x5a);  // replaced
  moved.clear();            // keeps its memory and gives it back at the end
  bytes = {1, 2, 3};
  const int before = Inspecting<std::uint8_t>::returned;
  EXPECT_GE(before, 8);
  {
    const Vec last(10, 0x5a);
  }
  EXPECT_EQ(Inspecting<std::uint8_t>::returned, before + 1);
}

TEST(Regularised, pads_and_cuts) {
  EXPECT_EQ(regularised<4>(ByteVec{1, 2}), (ByteArray<4>{1, 2, 0, 0}));
  EXPECT_EQ(regularised<2>(ByteVec{1, 2, 3}), (ByteArray<2>{1, 2}));
}

TEST(Snapshot, readers_keep_what_they_loaded) {
  Snapshot<int> s(std::make_shared<int>(1));
  const auto before = s.load();
  s.store(std::make_shared<int>(2));
  EXPECT_EQ(*before, 1);
  EXPECT_EQ(*s.load(), 2);
}

}  // namespace
}  // namespace trustee
