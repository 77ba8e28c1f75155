#include "store/internal/database.h"

#include <sqlite3.h>

#include "base/try.h"
#include "kv/errors.h"

namespace trustee::store {
namespace {

constexpr int kBusyMilliseconds = 10'000;

kv::Errc code_for(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return kv::Errc::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
      return kv::Errc::malformed;
    case SQLITE_TOOBIG:
      return kv::Errc::too_large;
    default:  // SQLite's numbers, not an enum of ours; all else is trouble with the file
      return kv::Errc::io;
  }
}

Error database_error(sqlite3* db, int result) {
  std::string detail = "SQLite error " + std::to_string(result);
  if (db != nullptr) {
    detail += ": ";
    detail += sqlite3_errmsg(db);
  }
  return Error(code_for(result), std::move(detail));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Rows::~Rows() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Rows& Rows::bind(std::string_view text) {
  const int r = sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(),
                                    text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (r != SQLITE_OK) bind_failure_ = r;
  return *this;
}

Rows& Rows::bind(Bytes bytes) {
  const int column = ++bound_;
  const int r = bytes.empty() ? sqlite3_bind_zeroblob(statement_, column, 0)
                              : sqlite3_bind_blob64(statement_, column, bytes.data(), bytes.size(),
                                                    SQLITE_STATIC);
  if (r != SQLITE_OK) bind_failure_ = r;
  return *this;
}

Rows& Rows::bind(std::int64_t number) {
  const int r = sqlite3_bind_int64(statement_, ++bound_, number);
  if (r != SQLITE_OK) bind_failure_ = r;
  return *this;
}

Result<bool> Rows::next() {
  sqlite3* db = sqlite3_db_handle(statement_);
  if (bind_failure_ != SQLITE_OK) return database_error(db, bind_failure_);
  const int r = sqlite3_step(statement_);
  if (r == SQLITE_ROW) return true;
  if (r == SQLITE_DONE) return false;
  return database_error(db, r);
}

Result<void> Rows::run() {
  while (true) {
    TRY(const bool more, next());
    if (!more) return {};
  }
}

std::string Rows::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

ByteVec Rows::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? ByteVec() : ByteVec(data, data + size);
}

std::int64_t Rows::number(int column) const { return sqlite3_column_int64(statement_, column); }

Result<Database> Database::open(const std::string& path, const std::string& vfs) {
  // A path that looks like a URI must not be read as one.
  const std::string plain = path.starts_with('/') ? path : "./" + path;
  sqlite3* raw = nullptr;
  const int r = sqlite3_open_v2(plain.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                vfs.empty() ? nullptr : vfs.c_str());
  Database out(raw);
  if (r != SQLITE_OK) return database_error(raw, r).while_doing("opening " + path);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return out;
}

Result<void> Database::run(const char* sql) {
  const int r = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (r != SQLITE_OK) return database_error(db_.get(), r);
  return {};
}

Result<Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int r = sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement out(raw);
  if (r != SQLITE_OK) return database_error(db_.get(), r);
  return out;
}

Result<std::int64_t> Database::number(const char* sql) {
  TRY(const Statement statement, prepare(sql));
  Rows rows(statement);
  TRY(const bool any, rows.next());
  if (!any) return Error(kv::Errc::malformed, std::string("no answer to ") + sql);
  return rows.number(0);
}

Result<std::string> Database::text(const char* sql) {
  TRY(const Statement statement, prepare(sql));
  Rows rows(statement);
  TRY(const bool any, rows.next());
  if (!any) return Error(kv::Errc::malformed, std::string("no answer to ") + sql);
  return rows.text(0);
}

}  // namespace trustee::store
