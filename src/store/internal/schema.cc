#include "store/internal/schema.h"

#include <array>
#include <string>

#include "base/try.h"
#include "kv/errors.h"

namespace trustee::store {
namespace {

/// kSteps[n] leads from schema n to schema n + 1. Never change a step that was released.
constexpr std::array<const char*, kSchemaVersion> kSteps{
    // 1: the entries of all namespaces
    "CREATE TABLE entry("
    "  namespace TEXT NOT NULL,"
    "  key TEXT NOT NULL,"
    "  value BLOB NOT NULL,"
    "  PRIMARY KEY(namespace, key));"
    "PRAGMA application_id = 1414681428;",
    // 2: a change counter per namespace, so that readers can keep what they derived
    "CREATE TABLE namespace_version("
    "  namespace TEXT NOT NULL PRIMARY KEY,"
    "  version INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO namespace_version SELECT DISTINCT namespace, 1 FROM entry;",
};
static_assert(kApplicationId == 1414681428);

Result<void> check_ours(Database& db, std::int64_t schema) {
  TRY(const std::int64_t application, db.number("PRAGMA application_id"));
  if (schema == 0) {
    TRY(const std::int64_t objects, db.number("SELECT count(*) FROM sqlite_schema"));
    if (objects == 0 && application == 0) return {};
  } else if (application == kApplicationId) {
    return {};
  }
  return Error(kv::Errc::malformed, "the database belongs to another program");
}

Result<void> migrate_in_transaction(Database& db) {
  TRY(const std::int64_t schema, db.number("PRAGMA user_version"));
  TRY_VOID(check_ours(db, schema));
  if (schema > kSchemaVersion || schema < 0) {
    return Error(kv::Errc::schema_too_new, "schema " + std::to_string(schema) +
                                               ", this program knows up to " +
                                               std::to_string(kSchemaVersion));
  }
  for (std::int64_t step = schema; step < kSchemaVersion; ++step) {
    TRY_VOID(db.run(kSteps.at(static_cast<std::size_t>(step)))
                 .while_doing("migrating to schema " + std::to_string(step + 1)));
    const std::string set = "PRAGMA user_version = " + std::to_string(step + 1);
    TRY_VOID(db.run(set.c_str()));
  }
  return {};
}

}  // namespace

Result<void> migrate(Database& db) {
  TRY(const std::int64_t schema, db.number("PRAGMA user_version"));
  if (schema == kSchemaVersion) return check_ours(db, schema);
  TRY_VOID(db.run("BEGIN IMMEDIATE"));
  auto migrated = migrate_in_transaction(db);
  if (migrated.ok()) migrated = db.run("COMMIT");
  if (!migrated.ok()) (void)db.run("ROLLBACK");  // the first failure is the one to report
  return migrated;
}

}  // namespace trustee::store
