#include "store/internal/batch.h"

#include <utility>

#include "base/try.h"

namespace trustee::store {
namespace {

constexpr std::string_view kMagic = "trustee-journal-1";
constexpr std::string_view kMove = "move";
constexpr std::string_view kRemove = "remove";
constexpr std::string_view kEnd = "end";
/// Up to here the files are synced one by one; a larger batch syncs the whole file system once.
constexpr std::size_t kSyncEach = 64;
constexpr std::size_t kMaxName = 255;
const std::string kJournal = std::string(kOwnPrefix) + "journal";

void append(ByteVec& out, std::string_view word) {
  out.insert(out.end(), word.begin(), word.end());
  out.push_back(0);
}

/// Takes the next NUL-terminated word off `rest`. Errors: malformed.
Result<std::string> next_word(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return Error(kv::Errc::malformed, "the journal is cut off");
  std::string word(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return word;
}

Result<std::string> next_name(std::string_view& rest) {
  TRY(auto name, next_word(rest));
  if (name.empty() || name == "." || name == ".." || name.size() > kMaxName ||
      name.find('/') != std::string::npos) {
    return Error(kv::Errc::malformed, "the journal has a word that is no file name");
  }
  return name;
}

Batch batch_of(std::span<const kv::Entry> files, std::vector<std::string> removals) {
  Batch batch{.moves = {}, .removals = std::move(removals)};
  for (const kv::Entry& file : files) {
    std::string part = std::string(kOwnPrefix) + "part" + std::to_string(batch.moves.size());
    batch.moves.push_back({std::move(part), file.key});
  }
  return batch;
}

/// The new contents, under the names they are moved from.
Result<void> write_parts(LockedDirectory& dir, std::span<const kv::Entry> files,
                         const Batch& batch) {
  const Sync when = files.size() <= kSyncEach ? Sync::now : Sync::later;
  for (std::size_t i = 0; i < files.size(); ++i) {
    TRY_VOID(dir.write_new(batch.moves[i].from, files[i].value, when));
  }
  return when == Sync::later ? dir.sync_all() : Result<void>();
}

/// Takes away the parts of a change that failed, as far as that goes. Where the journal stands, or
/// nobody can tell, the change may yet be carried out and needs them.
void discard_parts(LockedDirectory& dir, const Batch& batch) {
  const auto stands = dir.contains(kJournal);
  if (!stands.ok() || *stands) return;
  for (const Batch::Move& m : batch.moves) {
    (void)dir.unlink(m.from);  // the next to open the directory tries again
  }
}

Result<void> carry_out(LockedDirectory& dir, const Batch& batch) {
  for (const Batch::Move& m : batch.moves) {
    TRY(const bool still_there, dir.contains(m.from));
    if (still_there) {
      TRY_VOID(dir.rename(m.from, m.to));
    }
  }
  for (const std::string& name : batch.removals) {
    TRY_VOID(dir.unlink(name));
  }
  TRY_VOID(dir.sync());
  return dir.remove(kJournal);
}

}  // namespace

ByteVec encode_batch(const Batch& batch) {
  ByteVec out;
  append(out, kMagic);
  for (const Batch::Move& m : batch.moves) {
    append(out, kMove);
    append(out, m.from);
    append(out, m.to);
  }
  for (const std::string& name : batch.removals) {
    append(out, kRemove);
    append(out, name);
  }
  append(out, kEnd);
  return out;
}

Result<Batch> decode_batch(Bytes journal) {
  std::string_view rest = as_text(journal);
  Batch batch;
  TRY(const auto magic, next_word(rest));
  if (magic != kMagic) return Error(kv::Errc::malformed, "the journal is of another kind");
  while (true) {
    TRY(const auto word, next_word(rest));
    if (word == kEnd) break;
    TRY(auto name, next_name(rest));
    if (word == kMove) {
      TRY(auto to, next_name(rest));
      batch.moves.push_back({std::move(name), std::move(to)});
    } else if (word == kRemove) {
      batch.removals.push_back(std::move(name));
    } else {
      return Error(kv::Errc::malformed, "the journal has an unknown word");
    }
  }
  if (!rest.empty()) return Error(kv::Errc::malformed, "bytes follow the journal's end");
  return batch;
}

Result<bool> batch_pending(const LockedDirectory& dir) { return dir.contains(kJournal); }

Result<void> apply_batch(LockedDirectory& dir, std::span<const kv::Entry> files,
                         std::vector<std::string> removals, std::size_t limit) {
  const Batch batch = batch_of(files, std::move(removals));
  const ByteVec journal = encode_batch(batch);
  if (journal.size() > limit) return Error(kv::Errc::too_large, "the batch has too many names");
  auto written = write_parts(dir, files, batch);
  if (written.ok()) written = dir.replace(kJournal, journal);
  if (!written.ok()) {
    discard_parts(dir, batch);
    return written;
  }
  return finish_batch(dir);
}

Result<void> finish_batch(LockedDirectory& dir) {
  TRY(const auto journal, dir.read(kJournal, kMaxJournal));
  if (!journal.has_value()) return {};
  TRY(const Batch batch, decode_batch(*journal));
  auto done = carry_out(dir, batch);
  // "Not writable" would say that nothing has happened; the journal says that it will.
  if (!done.ok() && done.error().is(kv::Errc::not_writable)) {
    return Error(kv::Errc::io, done.error().detail());
  }
  return done;
}

std::string journal_path(const std::string& path) { return path + "/" + kJournal; }

}  // namespace trustee::store
