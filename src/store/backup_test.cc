#include "store/backup.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/digest.h"
#include "kv/memory.h"
#include "store/factory.h"
#include "tests/support/file_bytes.h"
#include "tests/support/file_mode.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

namespace trustee {
namespace {

using kv_contract::content_of;
using kv_contract::Model;

/// The file for namespace `kbs` with `k` = 01 02, written by hand from the format.
ByteVec small_backup() {
  ByteVec file = to_vec(as_bytes("TRUSTEE-BACKUP\r\n"));
  const ByteVec body = from_hex(
      "00000001 00000001"            // version, namespaces
      "00000003 6b6273 00000001"     // kbs, entries
      "00000001 6b 00000002 0102");  // k
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

ByteVec with_digest(ByteVec file) {
  const auto digest = crypto::sha256(file);
  file.insert(file.end(), digest.begin(), digest.end());
  return file;
}

std::vector<kv::Content> small_content() { return {{"kbs", {{"k", {1, 2}}}}}; }

void expect_refused(Bytes file, std::string_view what) {
  const auto read = store::decode_backup(file);
  ASSERT_FALSE(read.ok()) << what;
  EXPECT_TRUE(read.error().is(kv::Errc::backup_malformed)) << what;
}

TEST(Backup, has_the_form_that_is_documented) {
  EXPECT_EQ(store::encode_backup(small_content()).value(), with_digest(small_backup()));
  const auto read = store::decode_backup(with_digest(small_backup())).value();
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].name, "kbs");
  EXPECT_EQ(read[0].entries, small_content()[0].entries);
}

TEST(Backup, any_changed_missing_or_added_byte_is_noticed) {
  const ByteVec good = with_digest(small_backup());
  for (std::size_t i = 0; i < good.size(); ++i) {
    ByteVec bad = good;
    bad[i] ^= 1;
    expect_refused(bad, "changed at " + std::to_string(i));
    expect_refused(Bytes(good).first(i), "cut at " + std::to_string(i));
  }
  ByteVec longer = good;
  longer.push_back(0);
  expect_refused(longer, "a byte more");
}

TEST(Backup, refuses_a_well_digested_file_of_wrong_content) {
  const auto magic = to_vec(as_bytes("TRUSTEE-BACKUP\r\n"));
  const auto refused = [&](std::string_view hex, std::string_view what) {
    ByteVec file = magic;
    const ByteVec body = from_hex(hex);
    file.insert(file.end(), body.begin(), body.end());
    expect_refused(with_digest(file), what);
  };
  refused("00000002 00000000", "a later version");
  refused("00000000 00000000", "version 0");
  refused("00000001 00000001", "a namespace missing");
  refused("00000001 00000000 00", "a byte after the last namespace");
  refused("00000001 00000401", "too many namespaces");
  refused("00000001 00000001 00000002 2e2e 00000000", "namespace ..");
  refused("00000001 00000002 00000001 61 00000000 00000001 61 00000000", "a namespace twice");
  refused("00000001 00000001 00000001 61 00000002 00000001 6b 00000000 00000001 6b 00000000",
          "a key twice");
  refused("00000001 00000001 00000001 61 ffffffff", "entries without end");
  refused("00000001 00000001 00000001 61 00000001 00000001 6b 04000001", "a value too long");
}

TEST(Backup, decodes_what_it_encoded) {
  EXPECT_TRUE(rc::check("decode(encode(x)) == x", [](const std::map<std::string, ByteVec>& map) {
    std::vector<kv::Content> contents{{"a/b", {}}, {"empty", {}}};
    for (const auto& [key, value] : map) {
      contents[0].entries.push_back({key, value});
    }
    const auto read = store::decode_backup(store::encode_backup(contents).value()).value();
    RC_ASSERT(read.size() == 2U);
    RC_ASSERT(read[0].entries == contents[0].entries);
    RC_ASSERT(read[1].name == "empty");
  }));
}

TEST(Backup, moves_a_store_from_each_kind_to_each_other) {
  const TempDir dir;
  const auto config = [&](store::StoreKind kind, const std::string& place) {
    return store::StoreConfig{.kind = kind,
                              .dir_path = dir / (place + "-fs"),
                              .file_dir_path = dir / (place + "-json"),
                              .sqlite_path = dir / (place + ".sqlite")};
  };
  const std::vector<store::StoreKind> kinds{store::StoreKind::memory, store::StoreKind::local_fs,
                                            store::StoreKind::local_json, store::StoreKind::sqlite};
  const std::vector<std::string> names{"repository", "kbs"};
  const Model secrets{{"default/test/secret", {1, 0, 2}}, {"empty", {}}};
  for (const auto from : kinds) {
    const auto source = store::create(config(from, "from")).value();
    const auto repository = source->open("repository").value();
    for (const auto& [key, value] : secrets) {
      ASSERT_TRUE(repository->put(key, value, kv::Overwrite::yes).ok());
    }
    const auto count = store::backup(*source, names, dir / "backup").value();
    EXPECT_EQ(count, (std::vector<store::BackupCount>{{"repository", 2}, {"kbs", 0}}));
    for (const auto to : kinds) {
      const auto target = store::create(config(to, "to")).value();
      const auto space = target->open("repository").value();
      ASSERT_TRUE(space->put("later", ByteVec{9}, kv::Overwrite::yes).ok());
      EXPECT_EQ(store::restore(dir / "backup", *target).value(), count);
      EXPECT_EQ(content_of(*space), secrets);
    }
  }
}

TEST(Backup, the_file_is_0600_and_replaces_an_older_one) {
  const TempDir dir;
  const auto store = kv::create_memory_store();
  const std::vector<std::string> names{"kbs"};
  std::ofstream(dir / "backup") << "older";
  const mode_t old = ::umask(0);
  ASSERT_TRUE(store->open("kbs").value()->put("k", ByteVec{1, 2}, kv::Overwrite::yes).ok());
  ASSERT_TRUE(store::backup(*store, names, dir / "backup").ok());
  ::umask(old);
  EXPECT_EQ(mode_of(dir / "backup"), 0600U);
  EXPECT_EQ(file_bytes(dir / "backup"), with_digest(small_backup()));
}

TEST(Backup, a_file_that_cannot_be_restored_changes_nothing) {
  const TempDir dir;
  const auto store = kv::create_memory_store();
  const auto space = store->open("kbs").value();
  ASSERT_TRUE(space->put("mine", ByteVec{7}, kv::Overwrite::yes).ok());
  std::ofstream(dir / "damaged")
      << "TRUSTEE-BACKUP\r\n and nothing more of any use to anybody here";
  EXPECT_TRUE(store::restore(dir / "damaged", *store).error().is(kv::Errc::backup_malformed));
  EXPECT_TRUE(store::restore(dir / "missing", *store).error().is(kv::Errc::io));
  EXPECT_EQ(content_of(*space), (Model{{"mine", {7}}}));
}

TEST(Backup, a_key_the_target_cannot_hold_leaves_its_namespace_as_it_was) {
  const TempDir dir;
  const auto source = kv::create_memory_store();
  const std::vector<kv::Entry> entries{{"fine", {1}}, {"rvps:///x", {2}}};
  ASSERT_TRUE(source->open("reference_value").value()->put_all(entries).ok());
  const std::vector<std::string> names{"reference_value"};
  ASSERT_TRUE(store::backup(*source, names, dir / "backup").ok());
  const auto target = store::create({.kind = store::StoreKind::local_fs,
                                     .dir_path = dir / "fs",
                                     .file_dir_path = {},
                                     .sqlite_path = {}})
                          .value();
  const auto space = target->open("reference_value").value();
  ASSERT_TRUE(space->put("mine", ByteVec{7}, kv::Overwrite::yes).ok());
  EXPECT_TRUE(store::restore(dir / "backup", *target).error().is(kv::Errc::invalid_key));
  EXPECT_EQ(content_of(*space), (Model{{"mine", {7}}}));
}

TEST(Backup, that_cannot_take_its_name_leaves_nothing_behind) {
  const TempDir dir;
  const auto store = kv::create_memory_store();
  const std::vector<std::string> names{"kbs"};
  ASSERT_TRUE(store->open("kbs").value()->put("k", ByteVec{1, 2}, kv::Overwrite::yes).ok());
  std::filesystem::create_directory(dir / "backups");
  for (const std::string& path : {dir / "backups", dir / ""}) {
    EXPECT_TRUE(store::backup(*store, names, path).error().is(kv::Errc::io)) << path;
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1) << path;
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir / "backups"));
}

TEST(Backup, refuses_a_namespace_named_twice) {
  const TempDir dir;
  const auto store = kv::create_memory_store();
  const std::vector<std::string> names{"kbs", "kbs"};
  EXPECT_TRUE(store::backup(*store, names, dir / "backup").error().is(kv::Errc::configuration));
  EXPECT_FALSE(std::filesystem::exists(dir / "backup"));
}

}  // namespace
}  // namespace trustee
