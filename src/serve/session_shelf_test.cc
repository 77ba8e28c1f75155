#include "serve/session_shelf.h"

#include "authz/errors.h"
#include "crypto/random.h"
#include "kbs/errors.h"
#include "serve/stored_session.h"
#include "serve/testbed.h"

namespace trustee::serve {
namespace {

constexpr Time kEnd = kNow + std::chrono::minutes(5);

Code code_of(std::string_view record, Time now = kNow) {
  const auto token = read_stored_session(as_bytes(record), now);
  return token.ok() ? Code(kbs::Errc::overloaded) : token.error().code();
}

TEST(StoredSession, is_read_until_its_end) {
  const ByteVec record = write_stored_session("a.b.c", kEnd);
  EXPECT_EQ(as_text(record), R"({"token":"a.b.c","expires":1795000300000000})");
  EXPECT_EQ(read_stored_session(record, kEnd).value(), "a.b.c");
  const auto late = read_stored_session(record, kEnd + std::chrono::microseconds(1));
  EXPECT_TRUE(late.error().is(authz::Errc::session_expired));
}

TEST(StoredSession, what_is_damaged_is_unknown) {
  const Code unknown(kbs::Errc::session_unknown);
  for (const std::string_view record :
       {"", "{", "[]", "null", R"({"token":"t"})", R"({"expires":1795000300000000})",
        R"({"token":1,"expires":1795000300000000})", R"({"token":"t","expires":"soon"})",
        R"({"token":"t","expires":1e300})", R"({"token":"t","expires":99999999999999999999})",
        R"({"Attested":{"token":"t","id":"x","timeout":"2026-11-21T10:05:00Z"}})"}) {
    EXPECT_EQ(code_of(record), unknown) << record;
  }
}

class Shelf : public ::testing::Test {
 protected:
  std::size_t stored() { return sessions_->list().value().size(); }
  std::shared_ptr<kv::Namespace> sessions_ =
      kv::create_memory_store()->open("kbs_protocol_session").value();
};

TEST_F(Shelf, gives_back_what_was_put_until_its_end) {
  SessionShelf shelf(sessions_);
  const std::string id = shelf.put("token", kEnd, kNow).value();
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(shelf.take(id, kNow).value(), "token");
  EXPECT_TRUE(
      shelf.take("00000000000000000000000000000000", kNow).error().is(kbs::Errc::session_unknown));
  EXPECT_TRUE(
      shelf.take(id, kEnd + std::chrono::seconds(1)).error().is(authz::Errc::session_expired));
  EXPECT_EQ(stored(), 0U) << "an expired one is removed";
}

TEST_F(Shelf, a_damaged_record_is_unknown_and_left_alone) {
  SessionShelf shelf(sessions_);
  ASSERT_TRUE(sessions_->put("x", as_bytes("junk"), kv::Overwrite::yes).ok());
  EXPECT_TRUE(shelf.take("x", kNow).error().is(kbs::Errc::session_unknown));
  EXPECT_EQ(stored(), 1U);
}

TEST_F(Shelf, refuses_when_full_and_has_room_again_when_sessions_end) {
  SessionShelf shelf(sessions_, 1000);
  const std::string token(300, 't');
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(shelf.put(token, kEnd, kNow).ok());
  }
  EXPECT_TRUE(shelf.put(token, kEnd, kNow).error().is(kbs::Errc::overloaded));
  EXPECT_TRUE(shelf.put(std::string(2000, 't'), kEnd, kNow).error().is(kbs::Errc::overloaded));
  EXPECT_EQ(stored(), 2U);
  const Time later = kEnd + std::chrono::minutes(1);
  EXPECT_TRUE(shelf.put(token, later + std::chrono::minutes(5), later).ok());
  EXPECT_EQ(stored(), 1U);
}

TEST_F(Shelf, counts_what_another_process_left) {
  ASSERT_TRUE(
      sessions_->put("old", write_stored_session(std::string(900, 't'), kEnd), kv::Overwrite::yes)
          .ok());
  SessionShelf shelf(sessions_, 1000);
  EXPECT_TRUE(shelf.put(std::string(300, 't'), kEnd, kNow).error().is(kbs::Errc::overloaded));
}

TEST(ShelfOfAnApp, what_is_kept_in_memory_has_less_room) {
  ScriptedEvaluator evaluator;
  const std::string noise = codec::base64_encode(crypto::random_vec(90'000));
  evaluator.token = header_key_token(R"({"exp":1795000100,"noise":")" + noise + "\"}");
  Testbed kbs({.sessions_in_memory = true, .evaluator = &evaluator});
  const std::size_t fits = SessionShelf::kMaxBytesInMemory / evaluator.token.size();
  std::size_t kept = 0;
  for (; kept <= fits; ++kept) {
    TestGuest guest(kbs);
    guest.auth();
    if (guest.attest().status != 200) break;
  }
  EXPECT_LE(kept, fits);
  EXPECT_GT(kept, fits - 5);
}

}  // namespace
}  // namespace trustee::serve
