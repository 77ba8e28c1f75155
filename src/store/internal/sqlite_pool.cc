#include "store/internal/sqlite_pool.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/try.h"
#include "kv/errors.h"
#include "store/internal/file.h"
#include "store/internal/schema.h"

namespace trustee::store {
namespace {

/// Readers kept open beyond the moment.
constexpr std::size_t kIdleReaders = 8;
constexpr int kModeTries = 1000;

/// Settings of every connection. The page cache is small: the system caches the file as well.
constexpr const char* kSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA cache_size = -512;";

/// Switches to the write-ahead log, which stays in force for the file. Two processes that both
/// switch a new file can be refused at once, without the busy timeout: so it is tried again.
Result<void> use_log(Database& db) {
  for (int i = 0;; ++i) {
    const auto mode = db.text("PRAGMA journal_mode = WAL");
    if (mode.ok() && mode.value() == "wal") return {};
    if (mode.ok()) return Error(kv::Errc::io, "the file system does not allow a write-ahead log");
    if (!mode.error().is(kv::Errc::busy) || i == kModeTries) return mode.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<Connection> connection_to(Database db) {
  TRY(auto value, db.prepare("SELECT value FROM entry WHERE namespace = ?1 AND key = ?2"));
  TRY(auto keys, db.prepare("SELECT key FROM entry WHERE namespace = ?1"));
  TRY(auto entries, db.prepare("SELECT key, value FROM entry WHERE namespace = ?1"));
  TRY(auto version, db.prepare("SELECT version FROM namespace_version WHERE namespace = ?1"));
  TRY(auto data_version, db.prepare("PRAGMA data_version"));
  return Connection{std::move(db),      std::move(value),   std::move(keys),
                    std::move(entries), std::move(version), std::move(data_version)};
}

Result<Connection> connect(const std::string& path, const std::string& vfs) {
  TRY(auto db, Database::open(path, vfs));
  TRY_VOID(db.run(kSettings));
  return connection_to(std::move(db));
}

Result<Writer> connect_writer(const std::string& path, const std::string& vfs) {
  TRY(auto db, Database::open(path, vfs));
  TRY_VOID(db.run(kSettings));
  TRY_VOID(use_log(db));
  TRY_VOID(migrate(db));
  TRY(auto upsert, db.prepare("INSERT INTO entry(namespace, key, value) VALUES(?1, ?2, ?3)"
                              " ON CONFLICT(namespace, key) DO UPDATE SET value = excluded.value"));
  TRY(auto remove, db.prepare("DELETE FROM entry WHERE namespace = ?1 AND key = ?2"));
  TRY(auto clear, db.prepare("DELETE FROM entry WHERE namespace = ?1"));
  TRY(auto count, db.prepare("INSERT INTO namespace_version(namespace, version) VALUES(?1, 1)"
                             " ON CONFLICT(namespace) DO UPDATE SET version = version + 1"));
  TRY(auto connection, connection_to(std::move(db)));
  return Writer{std::move(connection), std::move(upsert), std::move(remove), std::move(clear),
                std::move(count)};
}

/// SQLite would create the file with the umask's mode; the log takes the mode of the file, unless
/// it is there already.
Result<void> create_private_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.is_open()) return io_error("open", path, errno);
  for (const char* part : {"", "-wal", "-shm", "-journal"}) {
    close_to_others(path + part);
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<SqlitePool>> SqlitePool::create(const std::string& path,
                                                       const std::string& vfs) {
  TRY_VOID(create_private_file(path));
  TRY(auto writer, connect_writer(path, vfs));
  TRY(auto watcher, connect(path, vfs));
  return std::make_shared<SqlitePool>(path, vfs, std::move(writer), std::move(watcher));
}

SqlitePool::SqlitePool(std::string path, std::string vfs, Writer writer, Connection watcher)
    : path_(std::move(path)),
      vfs_(std::move(vfs)),
      writer_(std::move(writer)),
      watcher_(std::move(watcher)) {}

Result<std::unique_ptr<Connection>> SqlitePool::borrow() {
  {
    MutexLock lock(idle_mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  TRY(auto fresh, connect(path_, vfs_));
  return std::make_unique<Connection>(std::move(fresh));
}

void SqlitePool::give_back(std::unique_ptr<Connection> connection) {
  MutexLock lock(idle_mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(connection));
}

Result<void> SqlitePool::read(const Read& read) {
  TRY(auto connection, borrow());
  TRY_VOID(read(*connection));
  give_back(std::move(connection));
  return {};
}

Result<void> SqlitePool::write_in_transaction(const std::string& name, const Write& write) {
  TRY(const Change change, write(writer_));
  if (change == Change::none) return writer_.connection.db.run("ROLLBACK");
  TRY_VOID(Rows(writer_.count_change).bind(std::string_view(name)).run());
  return writer_.connection.db.run("COMMIT");
}

Result<void> SqlitePool::write(const std::string& name, const Write& write) {
  MutexLock lock(writer_mutex_);
  Database& db = writer_.connection.db;
  TRY_VOID(db.run("BEGIN IMMEDIATE"));
  auto written = write_in_transaction(name, write);
  // Fails when SQLite has rolled back by itself; the first failure is the one to report.
  if (!written.ok()) (void)db.run("ROLLBACK");
  return written;
}

Result<std::uint64_t> SqlitePool::version(const std::string& name) {
  MutexLock lock(watcher_mutex_);
  {
    Rows rows(watcher_.data_version);
    TRY_VOID(rows.next());
    const std::int64_t now = rows.number(0);
    if (now != seen_) versions_.clear();
    seen_ = now;
  }
  if (const auto found = versions_.find(name); found != versions_.end()) return found->second;
  Rows rows(watcher_.select_version);
  rows.bind(std::string_view(name));
  TRY(const bool any, rows.next());
  const auto version = any ? static_cast<std::uint64_t>(rows.number(0)) : 0;
  versions_.emplace(name, version);
  return version;
}

}  // namespace trustee::store
