#include "net/internal/read_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace trustee::net {
namespace {

void receive(ReadBuffer& buffer, std::string_view text) {
  const auto room = buffer.prepare(text.size());
  std::ranges::copy(text, room.begin());
  buffer.commit(text.size());
}

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

TEST(ReadBuffer, gives_the_room_there_is_only_while_little_waits) {
  ReadBuffer buffer;
  receive(buffer, std::string(10 * ReadBuffer::kKept, 'h'));
  EXPECT_EQ(buffer.prepare(1).size(), 1U) << "although there may be more";
  EXPECT_EQ(buffer.prepare(ReadBuffer::kKept).size(), ReadBuffer::kKept);
  buffer.consume(10 * ReadBuffer::kKept - 100);
  buffer.prepare(ReadBuffer::kKept);
  EXPECT_EQ(buffer.prepare(1).size(), ReadBuffer::kKept - 100);
  EXPECT_GT(buffer.capacity(), ReadBuffer::kKept);
}

TEST(ReadBuffer, overwrites_what_was_consumed) {
  ReadBuffer buffer;
  receive(buffer, "secret");
  buffer.consume(6);
  EXPECT_TRUE(all_zero(buffer.prepare(6)));
  receive(buffer, "secretrest");
  const std::uint8_t* const start = buffer.data().data();
  buffer.consume(6);
  EXPECT_TRUE(all_zero({start, 6}));
  EXPECT_EQ(as_text(buffer.data()), "rest");
}

TEST(ReadBuffer, overwrites_where_bytes_were_that_it_moved) {
  ReadBuffer buffer;
  receive(buffer, std::string(20, 'a') + "secret");
  buffer.consume(20);
  // As much room as there is only once the front is free.
  const auto free = buffer.prepare(buffer.capacity() - 6);
  EXPECT_EQ(as_text(buffer.data()), "secret");
  EXPECT_TRUE(all_zero(free));
}

TEST(ReadBuffer, keeps_little_memory_once_little_waits) {
  for (const std::size_t waiting : {std::size_t{0}, std::size_t{5}, ReadBuffer::kKept}) {
    ReadBuffer buffer;
    receive(buffer, std::string(320U << 10U, 'h'));
    const std::string next(waiting, 'n');
    receive(buffer, next);
    buffer.consume(320U << 10U);
    EXPECT_EQ(as_text(buffer.data()), next);
    EXPECT_LE(buffer.capacity(), ReadBuffer::kKept) << waiting;
  }
}

TEST(ReadBuffer, moves_nothing_while_much_waits) {
  ReadBuffer buffer;
  receive(buffer, std::string(3 * ReadBuffer::kKept, 'b'));
  const std::size_t before = buffer.capacity();
  buffer.consume(1);
  EXPECT_EQ(buffer.capacity(), before);
  EXPECT_EQ(buffer.data().size(), 3 * ReadBuffer::kKept - 1);
}

}  // namespace
}  // namespace trustee::net
