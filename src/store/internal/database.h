#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace trustee::store {

/// A prepared statement, kept for many runs. Not for two threads at once; in the middle of a run
/// only one Rows may use it.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One run of a statement: bind in order, step through the rows, reset when it goes.
/// Lifetime: bound texts and bytes must outlive the run.
class Rows {
 public:
  explicit Rows(const Statement& statement) : statement_(statement.get()) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  Rows& bind(std::string_view text);
  Rows& bind(Bytes bytes);
  Rows& bind(std::int64_t number);

  /// True when there is a row to read. Errors: busy, malformed, too_large, io.
  Result<bool> next();
  /// Runs to the end.
  Result<void> run();

  std::string text(int column) const;
  ByteVec bytes(int column) const;
  std::int64_t number(int column) const;

 private:
  sqlite3_stmt* statement_;
  int bound_ = 0;
  int bind_failure_ = 0;
};

/// A connection to one database file. Not for two threads at once.
class Database {
 public:
  /// `vfs`: the name of a registered VFS, empty for the system's. The file must exist.
  /// Errors: io, busy, malformed (no database).
  static Result<Database> open(const std::string& path, const std::string& vfs);

  /// Runs one or more statements without results.
  Result<void> run(const char* sql);
  Result<Statement> prepare(const char* sql);
  /// The first column of the first row.
  Result<std::int64_t> number(const char* sql);
  Result<std::string> text(const char* sql);

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit Database(sqlite3* db) : db_(db) {}
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace trustee::store
