#include "store/sqlite.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "store/atomic_file.h"
#include "store/internal/schema.h"
#include "tests/support/file_bytes.h"
#include "tests/support/file_mode.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

namespace trustee {
namespace {

using kv_contract::text_of;

Result<std::shared_ptr<kv::Store>> open_store(const std::string& path) {
  return store::create_sqlite({.path = path, .vfs = {}});
}

/// Runs SQL on the file without any of our code.
void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
      << (message != nullptr ? message : "");
  sqlite3_free(message);
  sqlite3_close(db);
}

std::int64_t ask_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
  const std::int64_t n = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return n;
}

TEST(Sqlite, a_store_of_schema_1_is_migrated_with_its_content) {
  const TempDir dir;
  const std::string path = dir / "store.sqlite";
  run_sql(path, file_text("src/store/testdata/schema_1.sql"));
  {
    const auto store = open_store(path).value();
    const auto repository = store->open("repository").value();
    EXPECT_EQ(text_of(repository->get("default/test/secret")), "value shhhhhhh");
    EXPECT_EQ(repository->get("a/b/c").value(), ByteVec(10));
    EXPECT_EQ(text_of(store->open("kbs").value()->get("resource-policy.rego")),
              "value package policy");
    const auto version = repository->version().value();
    EXPECT_EQ(version, 1U);
    ASSERT_TRUE(repository->put("n", {}, kv::Overwrite::yes).ok());
    EXPECT_EQ(repository->version().value(), 2U);
  }
  EXPECT_EQ(ask_sql(path, "PRAGMA user_version"), store::kSchemaVersion);
  EXPECT_EQ(ask_sql(path, "SELECT count(*) FROM namespace_version"), 2);
}

TEST(Sqlite, a_migration_that_fails_leaves_the_old_schema) {
  const TempDir dir;
  const std::string path = dir / "store.sqlite";
  run_sql(path, file_text("src/store/testdata/schema_1.sql") +
                    "CREATE TABLE namespace_version(in_the_way TEXT);");
  EXPECT_FALSE(open_store(path).ok());
  EXPECT_EQ(ask_sql(path, "PRAGMA user_version"), 1);
  EXPECT_EQ(ask_sql(path, "SELECT count(*) FROM entry"), 3);
  run_sql(path, "DROP TABLE namespace_version");
  EXPECT_TRUE(open_store(path).ok());
}

TEST(Sqlite, a_newer_schema_is_refused_and_left_alone) {
  const TempDir dir;
  const std::string path = dir / "store.sqlite";
  ASSERT_TRUE(open_store(path).ok());
  run_sql(path, "PRAGMA user_version = " + std::to_string(store::kSchemaVersion + 1));
  const auto opened = open_store(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(kv::Errc::schema_too_new));
  EXPECT_EQ(ask_sql(path, "PRAGMA user_version"), store::kSchemaVersion + 1);
}

TEST(Sqlite, files_of_others_are_refused) {
  const TempDir dir;
  run_sql(dir / "other.sqlite", "CREATE TABLE t(x)");
  EXPECT_TRUE(open_store(dir / "other.sqlite").error().is(kv::Errc::malformed));
  run_sql(dir / "marked.sqlite", "PRAGMA application_id = 7; PRAGMA user_version = 2");
  EXPECT_TRUE(open_store(dir / "marked.sqlite").error().is(kv::Errc::malformed));
  std::ofstream(dir / "text") << "This is a text file and no database, whatever its name says.\n";
  EXPECT_TRUE(open_store(dir / "text").error().is(kv::Errc::malformed));
  EXPECT_EQ(ask_sql(dir / "other.sqlite", "SELECT count(*) FROM sqlite_schema"), 1);
}

TEST(Sqlite, no_path_and_a_directory_are_refused) {
  const TempDir dir;
  EXPECT_TRUE(open_store("").error().is(kv::Errc::configuration));
  EXPECT_TRUE(open_store(dir.path() + "/").error().is(kv::Errc::configuration));
  EXPECT_TRUE(open_store(dir.path()).error().is(kv::Errc::io));
}

TEST(Sqlite, a_name_that_looks_like_a_uri_is_a_name) {
  const TempDir dir;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());
  EXPECT_TRUE(open_store("file:x?mode=memory").ok());
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(dir / "file:x?mode=memory"));
}

TEST(Sqlite, database_and_log_are_0600) {
  const TempDir dir;
  const mode_t old = ::umask(0);
  const auto store = open_store(dir / "new/store.sqlite").value();
  ASSERT_TRUE(store->open("n").value()->put("k", as_bytes("v"), kv::Overwrite::yes).ok());
  ::umask(old);
  EXPECT_EQ(mode_of(dir / "new"), 0700U);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    EXPECT_EQ(mode_of(dir / "new/store.sqlite" + suffix), 0600U) << suffix;
  }
}

TEST(Sqlite, a_database_found_open_is_closed_to_others) {
  const TempDir dir;
  run_sql(dir / "s.sqlite", file_text("src/store/testdata/schema_1.sql"));
  std::filesystem::permissions(dir / "s.sqlite", std::filesystem::perms(0644));
  ASSERT_TRUE(open_store(dir / "s.sqlite").ok());
  EXPECT_EQ(mode_of(dir / "s.sqlite"), 0640U);
}

TEST(Sqlite, a_log_found_open_is_closed_to_others) {
  const TempDir dir;
  const auto in_use = open_store(dir / "s.sqlite").value();
  ASSERT_TRUE(in_use->open("n").value()->put("k", as_bytes("v"), kv::Overwrite::yes).ok());
  for (const char* suffix : {"-wal", "-shm"}) {
    std::filesystem::permissions(dir / "s.sqlite" + suffix, std::filesystem::perms(0646));
  }
  ASSERT_TRUE(open_store(dir / "s.sqlite").ok());
  for (const char* suffix : {"-wal", "-shm"}) {
    EXPECT_EQ(mode_of(dir / "s.sqlite" + suffix), 0640U) << suffix;
  }
}

TEST(Sqlite, a_removed_secret_is_gone_from_the_file) {
  const TempDir dir;
  const std::string path = dir / "store.sqlite";
  const std::string secret = "not to be found afterwards";
  {
    const auto space = open_store(path).value()->open("repository").value();
    ASSERT_TRUE(space->put("k", as_bytes(secret), kv::Overwrite::yes).ok());
  }
  EXPECT_NE(file_text(path).find(secret), std::string::npos);
  {
    const auto space = open_store(path).value()->open("repository").value();
    ASSERT_TRUE(space->remove("k").ok());
  }
  EXPECT_EQ(file_text(path).find(secret), std::string::npos);
}

TEST(Sqlite, values_end_at_the_limit) {
  const TempDir dir;
  const auto space = open_store(dir / "s.sqlite").value()->open("n").value();
  const ByteVec longer(store::kMaxValueBytes + 1);
  EXPECT_TRUE(space->put("k", Bytes(longer).first(store::kMaxValueBytes), kv::Overwrite::yes).ok());
  EXPECT_TRUE(space->put("k", longer, kv::Overwrite::yes).error().is(kv::Errc::too_large));
}

TEST(Sqlite, read_all_reads_all_namespaces_as_of_one_moment) {
  const TempDir dir;
  const auto store = open_store(dir / "s.sqlite").value();
  const auto a = store->open("a").value();
  const auto b = store->open("b").value();
  // A writer keeps `a` ahead of `b` by one or level with it; never the other way round.
  std::atomic<bool> stop = false;
  ASSERT_TRUE(a->put("n", as_bytes("0"), kv::Overwrite::yes).ok());
  ASSERT_TRUE(b->put("n", as_bytes("0"), kv::Overwrite::yes).ok());
  std::thread writer([&] {
    for (int i = 1; !stop; ++i) {
      const std::string n = std::to_string(i);
      if (!a->put("n", as_bytes(n), kv::Overwrite::yes).ok()) return;
      if (!b->put("n", as_bytes(n), kv::Overwrite::yes).ok()) return;
    }
  });
  const std::vector<std::string> names{"a", "b"};
  for (int i = 0; i < 200; ++i) {
    const auto all = store->read_all(names).value();
    const int in_a = std::stoi(std::string(as_text(all[0].entries[0].value)));
    const int in_b = std::stoi(std::string(as_text(all[1].entries[0].value)));
    EXPECT_TRUE(in_a == in_b || in_a == in_b + 1) << in_a << " " << in_b;
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace trustee
