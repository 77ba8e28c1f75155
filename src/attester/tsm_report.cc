#include "attester/tsm_report.h"

#include <charconv>

#include "attester/errors.h"
#include "base/try.h"
#include "codec/hex.h"
#include "crypto/random.h"

namespace trustee::attester {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kRoot = "/sys/kernel/config/tsm/report/";
constexpr std::size_t kMaxText = 64;
constexpr milliseconds kPause{50};

// A report directory; its kernel object goes with it.
class Entry {
 public:
  static Result<Entry> create(Files& files) {
    std::string path = std::string(kRoot) + "trustee-" + codec::hex_encode(crypto::random_vec(8));
    TRY_VOID(files.make_directory(path));
    return Entry(files, std::move(path));
  }
  ~Entry() {
    if (!path_.empty()) (void)files_->remove_directory(path_);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  Entry(Entry&& other) noexcept : files_(other.files_), path_(std::move(other.path_)) {
    other.path_.clear();
  }
  Entry& operator=(Entry&&) = delete;

  Result<std::string> text(std::string_view attribute) const {
    TRY(const ByteVec bytes, files_->read(at(attribute), kMaxText));
    return std::string(as_text(bytes));
  }
  Result<ByteVec> blob(std::string_view attribute) const {
    return files_->read(at(attribute), kMaxBlob);
  }
  bool has(std::string_view attribute) const { return files_->exists(at(attribute)); }
  Result<void> write(std::string_view attribute, Bytes data) const {
    return files_->write(at(attribute), data);
  }

 private:
  Entry(Files& files, std::string path) : files_(&files), path_(std::move(path)) {}
  std::string at(std::string_view attribute) const { return path_ + "/" + std::string(attribute); }

  Files* files_;
  std::string path_;
};

std::string provider_of(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// The provider makes the blob at the first read, and firmware or quoting service may be busy.
Result<ByteVec> patient_blob(Machine& machine, const Entry& entry, std::string_view attribute) {
  for (int attempt = 1;; ++attempt) {
    auto blob = entry.blob(attribute);
    if (blob.ok() || !blob.error().is(Errc::file_busy) || attempt == kBusyAttempts) return blob;
    machine.pause(kPause * attempt);
  }
}

Result<void> check_provider(const Entry& entry, std::string_view wanted) {
  TRY(std::string text, entry.text("provider"));
  const std::string provider = provider_of(std::move(text));
  if (provider == wanted) return {};
  return Error(Errc::provider_wrong, "provider " + provider + ", not " + std::string(wanted));
}

Result<void> check_generation(const Entry& entry, std::uint64_t writes) {
  TRY(const std::string text, entry.text("generation"));
  TRY(const std::uint64_t generation, parse_generation(text));
  if (generation == writes) return {};
  return Error(Errc::generation_changed, "generation " + std::to_string(generation) + " after " +
                                             std::to_string(writes) + " writes of ours");
}

Result<TsmReport> attempt(Machine& machine, std::string_view provider,
                          const ByteArray<64>& report_data, std::optional<unsigned> level) {
  TRY(const Entry entry, Entry::create(machine.files));
  TRY_VOID(check_provider(entry, provider));
  std::uint64_t writes = 1;
  if (level) {
    TRY_VOID(entry.write("privlevel", as_bytes(std::to_string(*level))));
    ++writes;
  }
  TRY_VOID(entry.write("inblob", report_data));
  TsmReport out;
  TRY(out.outblob, patient_blob(machine, entry, "outblob"));
  if (entry.has("auxblob")) {
    TRY(out.auxblob, patient_blob(machine, entry, "auxblob"));
  }
  TRY_VOID(check_generation(entry, writes));
  return out;
}

}  // namespace

Result<std::uint64_t> parse_generation(std::string_view text) {
  std::uint64_t n = 0;
  const bool line = text.ends_with('\n');
  const std::string_view digits = text.substr(0, text.size() - (line ? 1 : 0));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (!line || digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return Errc::generation_malformed;
  }
  return n;
}

bool tsm_belongs_to(Files& files, std::string_view provider) {
  const auto entry = Entry::create(files);
  return entry.ok() && check_provider(*entry, provider).ok();
}

Result<TsmReport> tsm_report(Machine& machine, std::string_view provider,
                             const ByteArray<64>& report_data,
                             std::optional<unsigned> privilege_level) {
  for (int count = 1;; ++count) {
    auto report = attempt(machine, provider, report_data, privilege_level);
    if (report.ok() || count == kTsmAttempts) return report;
    const Error& e = report.error();
    if (!e.is(Errc::generation_changed) && !e.is(Errc::file_busy)) return report;
    machine.pause(kPause * count);
  }
}

}  // namespace trustee::attester
