#include "store/sqlite.h"

#include <utility>

#include "base/try.h"
#include "kv/instances.h"
#include "store/atomic_file.h"
#include "store/internal/sqlite_pool.h"

namespace trustee::store {
namespace {

using Change = SqlitePool::Change;

Result<void> check_entry(std::string_view key, Bytes value) {
  TRY_VOID(kv::check_key(key));
  if (value.size() > kMaxValueBytes) return kv::Errc::too_large;
  return {};
}

Result<std::optional<ByteVec>> select_value(const Connection& c, std::string_view name,
                                            std::string_view key) {
  Rows rows(c.select_value);
  rows.bind(name).bind(key);
  TRY(const bool any, rows.next());
  if (!any) return std::optional<ByteVec>();
  return std::optional(rows.bytes(0));
}

Result<std::vector<kv::Entry>> select_entries(const Connection& c, std::string_view name) {
  Rows rows(c.select_entries);
  rows.bind(name);
  std::vector<kv::Entry> out;
  while (true) {
    TRY(const bool any, rows.next());
    if (!any) return out;
    out.push_back({rows.text(0), rows.bytes(1)});
  }
}

Result<void> upsert(const Writer& w, std::string_view name, std::string_view key, Bytes value) {
  return Rows(w.upsert).bind(name).bind(key).bind(value).run();
}

class SqliteNamespace final : public kv::Namespace {
 public:
  SqliteNamespace(std::string name, std::shared_ptr<SqlitePool> pool)
      : name_(std::move(name)), pool_(std::move(pool)) {}

  Result<kv::Put> put(std::string_view key, Bytes value, kv::Overwrite overwrite) override {
    TRY_VOID(check_entry(key, value));
    auto done = kv::Put::inserted;
    TRY_VOID(pool_->write(name_, [&](Writer& w) -> Result<Change> {
      if (overwrite == kv::Overwrite::no) {
        TRY(const auto stored, select_value(w.connection, name_, key));
        if (stored.has_value()) {
          done = kv::Put::already_exists;
          return Change::none;
        }
      }
      TRY_VOID(upsert(w, name_, key, value));
      return Change::made;
    }));
    return done;
  }

  Result<void> put_all(std::span<const kv::Entry> entries) override {
    if (entries.empty()) return {};
    return write_all(entries, false);
  }

  Result<void> replace_all(std::span<const kv::Entry> entries) override {
    return write_all(entries, true);
  }

  Result<std::optional<ByteVec>> get(std::string_view key) override {
    std::optional<ByteVec> value;
    if (!kv::check_key(key).ok()) return value;
    TRY_VOID(pool_->read([&](Connection& c) -> Result<void> {
      TRY(value, select_value(c, name_, key));
      return {};
    }));
    return value;
  }

  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    std::optional<ByteVec> old;
    if (!kv::check_key(key).ok()) return old;
    TRY_VOID(pool_->write(name_, [&](Writer& w) -> Result<Change> {
      TRY(old, select_value(w.connection, name_, key));
      if (!old.has_value()) return Change::none;
      TRY_VOID(Rows(w.remove).bind(name_).bind(key).run());
      return Change::made;
    }));
    return old;
  }

  Result<std::vector<std::string>> list() override {
    std::vector<std::string> keys;
    TRY_VOID(pool_->read([&](Connection& c) -> Result<void> {
      Rows rows(c.select_keys);
      rows.bind(name_);
      while (true) {
        TRY(const bool any, rows.next());
        if (!any) return {};
        keys.push_back(rows.text(0));
      }
    }));
    return keys;
  }

  Result<std::vector<kv::Entry>> entries() override {
    std::vector<kv::Entry> out;
    TRY_VOID(pool_->read([&](Connection& c) -> Result<void> {
      TRY(out, select_entries(c, name_));
      return {};
    }));
    return out;
  }

  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    TRY_VOID(check_entry(key, value));
    bool swapped = false;
    TRY_VOID(pool_->write(name_, [&](Writer& w) -> Result<Change> {
      TRY(const auto stored, select_value(w.connection, name_, key));
      if (stored.has_value() != expected.has_value()) return Change::none;
      if (stored.has_value() && !equal(*stored, *expected)) return Change::none;
      TRY_VOID(upsert(w, name_, key, value));
      swapped = true;
      return Change::made;
    }));
    return swapped;
  }

  Result<std::uint64_t> version() override { return pool_->version(name_); }
  bool counts_each_change() const override { return true; }
  std::vector<std::string> directories() const override { return {pool_->directory()}; }

 private:
  Result<void> write_all(std::span<const kv::Entry> entries, bool clear_first) {
    for (const kv::Entry& e : entries) {
      TRY_VOID(check_entry(e.key, e.value));
    }
    return pool_->write(name_, [&](Writer& w) -> Result<Change> {
      if (clear_first) {
        TRY_VOID(Rows(w.clear).bind(name_).run());
      }
      for (const kv::Entry& e : entries) {
        TRY_VOID(upsert(w, name_, e.key, e.value));
      }
      return Change::made;
    });
  }

  std::string name_;
  std::shared_ptr<SqlitePool> pool_;
};

class SqliteStore final : public kv::Store {
 public:
  explicit SqliteStore(std::shared_ptr<SqlitePool> pool) : pool_(std::move(pool)) {}

  Result<std::shared_ptr<kv::Namespace>> open(std::string_view name) override {
    return instances_.get(name,
                          [this](const std::string& n) -> Result<std::shared_ptr<kv::Namespace>> {
                            return std::make_shared<SqliteNamespace>(n, pool_);
                          });
  }

  Result<std::vector<kv::Content>> read_all(std::span<const std::string> names) override {
    for (const std::string& name : names) {
      TRY_VOID(kv::check_namespace(name));
    }
    std::vector<kv::Content> out;
    TRY_VOID(pool_->read([&](Connection& c) -> Result<void> {
      TRY_VOID(c.db.run("BEGIN"));  // the first SELECT fixes the moment
      for (const std::string& name : names) {
        TRY(auto entries, select_entries(c, name));
        out.push_back({name, std::move(entries)});
      }
      return c.db.run("COMMIT");
    }));
    return out;
  }

  std::string_view kind() const override { return "sqlite"; }

 private:
  std::shared_ptr<SqlitePool> pool_;
  kv::Instances<kv::Namespace> instances_;
};

}  // namespace

Result<std::shared_ptr<kv::Store>> create_sqlite(SqliteOptions options) {
  if (options.path.empty() || options.path.ends_with('/')) {
    return Error(kv::Errc::configuration, "the path of the SQLite file is missing");
  }
  TRY_VOID(make_directories(split_path(options.path).first));
  TRY(auto pool,
      SqlitePool::create(options.path, options.vfs).while_doing("opening " + options.path));
  return std::shared_ptr<kv::Store>(std::make_shared<SqliteStore>(std::move(pool)));
}

}  // namespace trustee::store
