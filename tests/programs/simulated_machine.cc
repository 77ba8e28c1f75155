#include "tests/programs/simulated_machine.h"

#include <cstdlib>
#include <cstring>

#include "attester/errors.h"
#include "attester/esys_tpm.h"
#include "reload/files.h"
#include "tests/support/snp_builder.h"

namespace trustee {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string pki(const char* name) {
  return reload::read_file(std::string(TRUSTEE_VECTORS "snp-test-pki/") + name).value();
}

// A Genoa machine of the test hierarchy.
Result<ByteVec> report_for(const ByteArray<64>& report_data) {
  const SecretText pem(pki("vek-key.pem"));
  const auto key = crypto::PrivateKey::from_pem(pem);
  ByteVec report = SnpBuilder::genoa_v3().with_report_data(report_data).sign(key.value());
  if (variable("SIMULATED_FAULT") == "unsigned") report[0x2A0] ^= 1U;
  return report;
}

// The host's table: VCEK at 48, an entry of zeros, the certificate.
ByteVec certificate_table() {
  const std::string der = pki("vcek-genoa.der");
  ByteVec out = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
                 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
  for (const std::size_t n : {std::size_t{48}, der.size()}) {
    for (unsigned i = 0; i < 4; ++i) {
      out.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
    }
  }
  out.resize(48);
  out.insert(out.end(), der.begin(), der.end());
  return out;
}

void make_tsm(FakeMachine& fake, const std::string& fault) {
  FakeTsm tsm;
  tsm.outblob = report_for;
  if (fault != "no-certificates") tsm.auxblob = certificate_table();
  if (fault == "generation") tsm.generation = "2\n";
  if (fault == "generation-text") tsm.generation = "parseerror\n";
  if (fault == "busy") tsm.busy_reads = 1000;
  if (fault == "provider") {
    tsm.provider = "foo_guest\n";
  }
  fake.files.tsm = std::move(tsm);
  fake.files.content["/sys/devices/platform/sev-guest"] = {};
}

void make_device(FakeMachine& fake) {
  fake.files.content["/sys/devices/platform/sev-guest"] = {};
  fake.devices.on_control = [](const std::string&, unsigned long, void* p) {
    const auto* words = static_cast<const std::uint64_t*>(p);
    const auto* wanted = reinterpret_cast<const std::uint8_t*>(words[1]);
    const ByteVec report = report_for(regularised<64>(Bytes(wanted, 64))).value();
    auto* answer = reinterpret_cast<std::uint8_t*>(words[2]);
    const auto size = static_cast<std::uint32_t>(report.size());
    std::memcpy(answer + 4, &size, 4);
    std::memcpy(answer + 32, report.data(), report.size());
    std::uint64_t table_address = 0;
    std::memcpy(&table_address, wanted + 96, 8);
    const ByteVec table = certificate_table();
    std::memcpy(reinterpret_cast<void*>(table_address), table.data(), table.size());
    return 0;
  };
}

}  // namespace

bool simulate(FakeMachine& fake) {
  fake.machine.environment = attester::Environment::of_process();
  const std::string tee = variable("SIMULATED_TEE");
  if (tee == "snp") {
    make_tsm(fake, variable("SIMULATED_FAULT"));
  } else if (tee == "snp-device") {
    make_device(fake);
  } else if (tee == "sgx") {
    fake.machine.environment.occlum = true;
  } else if (tee == "tpm") {
    fake.machine.open_tpm = attester::open_esys_tpm;
  } else if (tee != "none") {
    return false;
  }
  return true;
}

}  // namespace trustee
