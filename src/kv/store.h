#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "kv/errors.h"

namespace trustee::kv {

/// What `put` did.
enum class Put : std::uint8_t { inserted, already_exists };

/// Whether `put` may replace.
enum class Overwrite : std::uint8_t { yes, no };

/// A key with its value.
struct Entry {
  std::string key;
  ByteVec value;
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// One namespace of a key-value store: byte values under text keys. Safe from many threads; every
/// call is atomic and durable when it returns (as far as the kind of store goes), and may block:
/// call it on the I/O pool. Errors: see kv/errors.h; none is ever "absent". After `io` a write may
/// have happened or not, but never in part; after `not_writable` it has not.
class Namespace {
 public:
  virtual ~Namespace() = default;

  /// Stores `value` under `key`. Errors: invalid_key, too_large, io.
  virtual Result<Put> put(std::string_view key, Bytes value, Overwrite overwrite) = 0;
  /// Stores all entries, replacing what their keys held: all or nothing, also when the process
  /// dies on the way. Of two entries with one key the later wins.
  virtual Result<void> put_all(std::span<const Entry> entries) = 0;
  /// The same, and removes every other key: afterwards the namespace holds exactly `entries`.
  virtual Result<void> replace_all(std::span<const Entry> entries) = 0;
  /// The value, or nothing when the key is absent. A key that this store could never hold is
  /// absent. Errors: io, malformed.
  virtual Result<std::optional<ByteVec>> get(std::string_view key) = 0;
  /// Removes and returns the old value, or nothing when there was none.
  virtual Result<std::optional<ByteVec>> remove(std::string_view key) = 0;
  /// All keys, in no particular order.
  virtual Result<std::vector<std::string>> list() = 0;
  /// All keys and values as of one moment, in no particular order. Cost: reads the whole namespace.
  virtual Result<std::vector<Entry>> entries() = 0;
  /// Replaces the value only when the stored one equals `expected` (nothing = absent). True when
  /// it was replaced; the compare and the write are one step, also between processes.
  virtual Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                        Bytes value) = 0;
  /// Grows with every change to this namespace, also by other processes where the store is shared.
  /// Cheap: one stat or one row. Equal versions mean equal content. Compare only versions of the
  /// same object: the number starts anew with each process. Ask before reading what it guards.
  virtual Result<std::uint64_t> version() = 0;
  /// Whether `version` grows by exactly one with each call that changes something, whoever made it.
  /// Where it does not, several changes between two looks may count as one, and a writer cannot
  /// tell its own step from another's.
  virtual bool counts_each_change() const { return false; }
  /// Directories right in which every change of this namespace touches a file, whoever makes it,
  /// for those who let the system tell them; nothing where files do not show it. What lies in
  /// directories of others further below (mounted Secrets) does not count.
  virtual std::vector<std::string> directories() const { return {}; }
};

/// The content of one namespace.
struct Content {
  std::string name;
  std::vector<Entry> entries;
};

/// A store hands out its namespaces; one instance per name, opened on first use.
class Store {
 public:
  virtual ~Store() = default;
  /// Errors: invalid_namespace, io, schema_too_new.
  virtual Result<std::shared_ptr<Namespace>> open(std::string_view name) = 0;
  /// The content of several namespaces, for backups: SQLite reads all as of one moment, the others
  /// each namespace by itself. Errors: as open and entries.
  virtual Result<std::vector<Content>> read_all(std::span<const std::string> names) = 0;
  /// For messages and metrics: `memory`, `local_fs`, `local_json`, `sqlite`.
  virtual std::string_view kind() const = 0;
};

/// Not empty, no `/` at either end, no empty, `.` or `..` segment (kbs.md 11.1, case S8); no NUL.
Result<void> check_namespace(std::string_view name);
/// `[A-Za-z0-9._/-]*` (kbs.md 11.1); the rule of LocalFs, SQLite, PostgreSQL and Redis.
Result<void> check_key(std::string_view key);

/// `read_all` for stores without a wider snapshot: opens each namespace and reads its entries.
Result<std::vector<Content>> read_each(Store& store, std::span<const std::string> names);

}  // namespace trustee::kv
