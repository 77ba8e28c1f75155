#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "store/atomic_file.h"
#include "store/internal/database.h"

namespace trustee::store {

/// A connection with the statements of the store.
struct Connection {
  Database db;
  Statement select_value;
  Statement select_keys;
  Statement select_entries;
  Statement select_version;
  Statement data_version;
};

/// What a connection that writes has besides.
struct Writer {
  Connection connection;
  Statement upsert;
  Statement remove;
  Statement clear;
  Statement count_change;
};

/// The connections to one database: one that writes, one that watches for changes, and as many
/// that read as threads read at once. Safe from many threads.
class SqlitePool {
 public:
  static Result<std::shared_ptr<SqlitePool>> create(const std::string& path,
                                                    const std::string& vfs);
  SqlitePool(std::string path, std::string vfs, Writer writer, Connection watcher);

  using Read = std::function<Result<void>(Connection&)>;
  /// Runs `read` on a connection of its own.
  Result<void> read(const Read& read);

  /// What a write did.
  enum class Change : bool { none, made };
  using Write = std::function<Result<Change>(Writer&)>;
  /// Runs `write` in a transaction that counts a change of namespace `name` when one was made;
  /// rolls back when anything fails.
  Result<void> write(const std::string& name, const Write& write);

  /// The change counter of a namespace. Cost: one look at the log's header while nothing changes.
  Result<std::uint64_t> version(const std::string& name);
  /// Where the database and its log lie.
  std::string directory() const { return split_path(path_).first; }

 private:
  Result<std::unique_ptr<Connection>> borrow();
  void give_back(std::unique_ptr<Connection> connection);
  Result<void> write_in_transaction(const std::string& name, const Write& write)
      TRUSTEE_REQUIRES(writer_mutex_);

  std::string path_;
  std::string vfs_;

  Mutex writer_mutex_;
  Writer writer_ TRUSTEE_GUARDED_BY(writer_mutex_);

  Mutex watcher_mutex_;
  Connection watcher_ TRUSTEE_GUARDED_BY(watcher_mutex_);
  std::int64_t seen_ TRUSTEE_GUARDED_BY(watcher_mutex_) = -1;
  std::map<std::string, std::uint64_t> versions_ TRUSTEE_GUARDED_BY(watcher_mutex_);

  Mutex idle_mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ TRUSTEE_GUARDED_BY(idle_mutex_);
};

}  // namespace trustee::store
