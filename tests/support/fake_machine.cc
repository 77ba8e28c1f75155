#include "tests/support/fake_machine.h"

#include <algorithm>

#include "attester/errors.h"
#include "base/try.h"
#include "crypto/digest.h"

namespace trustee {
namespace {

using attester::Errc;

constexpr std::string_view kReports = "/sys/kernel/config/tsm/report/";

std::pair<std::string, std::string> split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

Error missing(const std::string& what) { return Error(Errc::file_missing, what); }

// Passes every call on to a TPM that others look at, too.
class Handle final : public attester::Tpm {
 public:
  explicit Handle(std::shared_ptr<FakeTpm> tpm) : tpm_(std::move(tpm)) {}
  Result<ByteVec> nv_read(std::uint32_t index) override { return tpm_->nv_read(index); }
  Result<void> nv_write(std::uint32_t index, Bytes data) override {
    return tpm_->nv_write(index, data);
  }
  Result<attester::PcrBank> read_pcrs() override { return tpm_->read_pcrs(); }
  Result<attester::TpmSigned> quote(std::uint32_t key, Bytes data) override {
    return tpm_->quote(key, data);
  }
  Result<crypto::PublicKey> public_key(std::uint32_t key) override { return tpm_->public_key(key); }
  Result<void> extend_pcr(std::uint32_t index, const ByteArray<32>& digest) override {
    return tpm_->extend_pcr(index, digest);
  }

 private:
  std::shared_ptr<FakeTpm> tpm_;
};

}  // namespace

bool FakeFiles::exists(const std::string& path) {
  const auto [directory, name] = split(path);
  if (const auto report = reports_.find(directory); report != reports_.end()) {
    return name != "auxblob" || tsm->auxblob.has_value();
  }
  return content.contains(path);
}

Result<ByteVec> FakeFiles::read_report(Report& report, const std::string& attribute) {
  if (attribute == "provider") return to_vec(as_bytes(tsm->provider));
  if (attribute == "generation") {
    return to_vec(as_bytes(tsm->generation.value_or(std::to_string(report.generation) + "\n")));
  }
  if (attribute == "auxblob" && !tsm->auxblob) return missing(attribute);
  if (!report.inblob || report.inblob->size() != 64) {
    return Error(Errc::file_failed, attribute + ": Invalid argument");
  }
  if (attribute == "auxblob") return *tsm->auxblob;
  if (attribute != "outblob") return missing(attribute);
  if (tsm->busy_reads > 0) {
    --tsm->busy_reads;
    return Errc::file_busy;
  }
  if (tsm->foreign_writes > 0) {
    --tsm->foreign_writes;
    ++report.generation;
  }
  return tsm->outblob(regularised<64>(*report.inblob));
}

Result<ByteVec> FakeFiles::read(const std::string& path, std::size_t max) {
  const auto [directory, name] = split(path);
  if (const auto report = reports_.find(directory); report != reports_.end()) {
    return read_report(report->second, name);
  }
  const auto found = content.find(path);
  if (found == content.end()) return missing(path);
  if (found->second.size() > max) return Errc::file_too_large;
  return found->second;
}

Result<void> FakeFiles::changed(const std::string& path) {
  return after_change ? after_change(path) : Result<void>();
}

Result<void> FakeFiles::write(const std::string& path, Bytes data) {
  const auto [directory, name] = split(path);
  const auto report = reports_.find(directory);
  writes.push_back((report == reports_.end() ? path : name) + "=" + std::string(as_text(data)));
  if (report == reports_.end()) {
    if (!content.contains(path)) return missing(path);
    content[path] = to_vec(data);
    return changed(path);
  }
  ++report->second.generation;
  if (name == "inblob") report->second.inblob = to_vec(data);
  return changed(path);
}

Result<void> FakeFiles::make_directory(const std::string& path) {
  if (!tsm || !path.starts_with(kReports)) return missing(path);
  ++directories_made;
  reports_.try_emplace(path);
  return {};
}

Result<void> FakeFiles::remove_directory(const std::string& path) {
  if (reports_.erase(path) == 0) return missing(path);
  return {};
}

Result<void> FakeFiles::store(const std::string& path, std::uint64_t offset, Bytes data) {
  ByteVec& file = content[path];
  file.resize(offset);
  file.insert(file.end(), data.begin(), data.end());
  return changed(path);
}

Result<void> FakeFiles::replace(const std::string& path, Bytes data) {
  content[path] = to_vec(data);
  return changed(path);
}

Result<void> FakeFiles::remove(const std::string& path) {
  if (content.erase(path) == 0) return missing(path);
  return changed(path);
}

Result<int> FakeDevices::control(const std::string& path, unsigned long request, void* argument) {
  ++controls;
  if (!on_control) return missing(path);
  return on_control(path, request, argument);
}

Result<ByteVec> FakeDevices::ask_host(std::uint32_t port, Bytes message, std::size_t) {
  if (!on_host) return missing("vsock");
  return on_host(port, message);
}

Result<ByteVec> FakeTpm::nv_read(std::uint32_t index) {
  const auto found = nv.find(index);
  if (found == nv.end()) return missing("NV index");
  return found->second;
}

Result<void> FakeTpm::nv_write(std::uint32_t index, Bytes data) {
  nv[index] = to_vec(data);
  if (after_nv_write) after_nv_write();
  return {};
}

Result<attester::TpmSigned> FakeTpm::quote(std::uint32_t key, Bytes qualifying_data) {
  if (!keys.contains(key)) return Errc::tpm_key_missing;
  ++quotes;
  quoted_data = to_vec(qualifying_data);
  if (changes_while_quoting > 0) {
    --changes_while_quoting;
    TRY_VOID(extend_pcr(16, {}));
  }
  return answer;
}

Result<crypto::PublicKey> FakeTpm::public_key(std::uint32_t key) {
  const auto found = keys.find(key);
  if (found == keys.end()) return Errc::tpm_key_missing;
  return found->second;
}

Result<void> FakeTpm::extend_pcr(std::uint32_t index, const ByteArray<32>& digest) {
  ByteArray<32>& value = pcrs.values.at(index);
  value = regularised<32>(crypto::digest(crypto::Hash::sha256, {value, digest}).bytes());
  ++pcrs.update_counter;
  return {};
}

Result<std::string> FakeMetadata::answer(const std::string& path) {
  const auto found = answers.find(path);
  if (found == answers.end()) return Error(Errc::metadata_failed, "404");
  return found->second;
}

Result<std::string> FakeMetadata::get(const std::string& path) {
  asked.push_back("GET " + path);
  return answer(path);
}

Result<std::string> FakeMetadata::post_json(const std::string& path, const std::string& body) {
  asked.push_back("POST " + path + " " + body);
  return answer(path);
}

FakeMachine::FakeMachine()
    : machine{files,
              devices,
              metadata,
              [this](const std::string& tcti) -> Result<std::unique_ptr<attester::Tpm>> {
                opened_tpms.push_back(tcti);
                if (!tpm) return Error(Errc::tpm_unavailable, tcti);
                return std::unique_ptr<attester::Tpm>(std::make_unique<Handle>(tpm));
              },
              [this](std::chrono::milliseconds) { ++pauses; },
              {}} {}

}  // namespace trustee
