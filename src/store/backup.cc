#include "store/backup.h"

#include <fcntl.h>

#include <set>
#include <string_view>
#include <utility>

#include "base/cursor.h"
#include "base/secret.h"
#include "base/try.h"
#include "crypto/digest.h"
#include "store/atomic_file.h"

namespace trustee::store {
namespace {

constexpr std::string_view kMagic = "TRUSTEE-BACKUP\r\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestSize = 32;

Error malformed(std::string detail) { return Error(kv::Errc::backup_malformed, std::move(detail)); }

void append(ByteVec& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_u32(ByteVec& out, std::size_t n) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<std::uint8_t>(n >> shift));
  }
}

void append_sized(ByteVec& out, Bytes bytes) {
  append_u32(out, bytes.size());
  append(out, bytes);
}

/// Wipes the values of contents when it goes, on whichever way out.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::vector<kv::Content>& contents) : contents_(contents) {}
  ~WipedAtEnd() {
    for (kv::Content& c : contents_) {
      for (kv::Entry& e : c.entries) {
        wipe(e.value.data(), e.value.size());
      }
    }
  }
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;

 private:
  std::vector<kv::Content>& contents_;
};

std::size_t encoded_size(std::span<const kv::Content> contents) {
  std::size_t n = kMagic.size() + 8 + kDigestSize;
  for (const kv::Content& c : contents) {
    n += 8 + c.name.size();
    for (const kv::Entry& e : c.entries) {
      n += 8 + e.key.size() + e.value.size();
    }
  }
  return n;
}

Result<void> check_limits(std::span<const kv::Content> contents) {
  bool fits = contents.size() <= kMaxBackupNamespaces && encoded_size(contents) <= kMaxBackupBytes;
  for (const kv::Content& c : contents) {
    fits = fits && c.entries.size() <= kMaxBackupEntries && c.name.size() <= kMaxBackupNameBytes;
    for (const kv::Entry& e : c.entries) {
      fits = fits && e.key.size() <= kMaxBackupNameBytes && e.value.size() <= kMaxValueBytes;
    }
  }
  if (!fits) return Error(kv::Errc::too_large, "the content exceeds the limits of a backup");
  return {};
}

Result<std::string> read_name(Cursor& in) {
  TRY(const std::size_t size, in.length_u32be(kMaxBackupNameBytes));
  return std::string(as_text(in.take(size)));
}

Result<kv::Entry> read_entry(Cursor& in) {
  TRY(auto key, read_name(in));
  TRY(const std::size_t size, in.length_u32be(kMaxValueBytes));
  auto value = to_vec(in.take(size));
  TRY_VOID(in.status());
  return kv::Entry{std::move(key), std::move(value)};
}

Result<void> read_content(Cursor& in, kv::Content& content) {
  TRY(content.name, read_name(in));
  TRY_VOID(in.status());
  TRY_VOID(kv::check_namespace(content.name));
  TRY(const std::size_t count, in.length_u32be(kMaxBackupEntries));
  std::set<std::string> seen;
  for (std::size_t i = 0; i < count; ++i) {
    TRY(auto entry, read_entry(in));
    const bool is_new = seen.insert(entry.key).second;
    content.entries.push_back(std::move(entry));
    if (!is_new) return malformed("a key is repeated");
  }
  return {};
}

Result<std::vector<kv::Content>> read_contents(Cursor& in) {
  TRY(const std::size_t count, in.length_u32be(kMaxBackupNamespaces));
  std::vector<kv::Content> contents;
  const WipedAtEnd wiped(contents);  // unless they are moved out, whole
  std::set<std::string> seen;
  for (std::size_t i = 0; i < count; ++i) {
    kv::Content& content = contents.emplace_back();
    TRY_VOID(read_content(in, content));
    if (!seen.insert(content.name).second) return malformed("a namespace is repeated");
  }
  TRY_VOID(in.finish());
  return contents;
}

std::vector<BackupCount> counts_of(std::span<const kv::Content> contents) {
  std::vector<BackupCount> out;
  for (const kv::Content& c : contents) {
    out.push_back({c.name, c.entries.size()});
  }
  return out;
}

}  // namespace

Result<ByteVec> encode_backup(std::span<const kv::Content> contents) {
  TRY_VOID(check_limits(contents));
  ByteVec out;
  out.reserve(encoded_size(contents));
  append(out, as_bytes(kMagic));
  append_u32(out, kVersion);
  append_u32(out, contents.size());
  for (const kv::Content& c : contents) {
    append_sized(out, as_bytes(c.name));
    append_u32(out, c.entries.size());
    for (const kv::Entry& e : c.entries) {
      append_sized(out, as_bytes(e.key));
      append_sized(out, e.value);
    }
  }
  append(out, crypto::sha256(out));
  return out;
}

Result<std::vector<kv::Content>> decode_backup(Bytes file) {
  if (file.size() < kMagic.size() + 8 + kDigestSize || file.size() > kMaxBackupBytes ||
      as_text(file.first(kMagic.size())) != kMagic) {
    return malformed("the file is no backup");
  }
  const Bytes body = file.first(file.size() - kDigestSize);
  if (!equal(crypto::sha256(body), file.last(kDigestSize))) return malformed("the digest is wrong");
  Cursor in(body.subspan(kMagic.size()));
  const std::uint32_t version = in.u32be();
  if (version != kVersion) return malformed("version " + std::to_string(version) + " is unknown");
  auto contents = read_contents(in);
  if (!contents.ok() && !contents.error().is(kv::Errc::backup_malformed)) {
    return malformed(contents.error().to_string());
  }
  return contents;
}

Result<std::vector<BackupCount>> backup(kv::Store& store, std::span<const std::string> names,
                                        const std::string& path) {
  static const StepHook kNoHook;
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    return Error(kv::Errc::configuration, "a namespace is named twice");
  }
  TRY(auto contents, store.read_all(names));
  const WipedAtEnd wiped(contents);
  TRY(auto file, encode_backup(contents));
  const auto [directory, name] = split_path(path);
  auto dir = LockedDirectory::lock(directory, Lock::exclusive, kNoHook);
  auto written = dir.ok() ? dir->replace(name, file) : Result<void>(dir.error());
  wipe(file.data(), file.size());
  TRY_VOID(std::move(written).while_doing("writing the backup " + path));
  return counts_of(contents);
}

Result<std::vector<BackupCount>> restore(const std::string& path, kv::Store& store) {
  TRY(auto file, read_file(AT_FDCWD, path, kMaxBackupBytes));
  if (!file.has_value()) return Error(kv::Errc::io, path + " does not exist");
  auto decoded = decode_backup(*file).while_doing("reading the backup " + path);
  wipe(file->data(), file->size());
  TRY(auto contents, std::move(decoded));
  const WipedAtEnd wiped(contents);
  for (const kv::Content& c : contents) {
    TRY(const auto space, store.open(c.name));
    TRY_VOID(space->replace_all(c.entries).while_doing("restoring namespace " + c.name));
  }
  return counts_of(contents);
}

}  // namespace trustee::store
