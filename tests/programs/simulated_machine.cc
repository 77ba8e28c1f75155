#include "tests/programs/simulated_machine.h"

#include <cstdlib>
#include <cstring>

#include "attester/errors.h"
#include "attester/esys_tpm.h"
#include "reload/files.h"
#include "tests/support/amd_pki.h"
#include "tests/support/intel_builder.h"
#include "tests/support/snp_builder.h"

namespace trustee {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool has_fault(const char* name) { return variable("SIMULATED_FAULT") == name; }

std::string pki(const char* name) {
  return reload::read_file(std::string(TRUSTEE_VECTORS "snp-test-pki/") + name).value();
}

/// A file of the hierarchy that test-hierarchy wrote.
std::string hierarchy(const std::string& name) {
  return reload::read_file(variable("TEST_HIERARCHY") + "/" + name).value();
}

crypto::PrivateKey key_of(std::string pem) {
  return crypto::PrivateKey::from_pem(SecretText(std::move(pem))).value();
}

// ---- SNP ------------------------------------------------------------------------------------

/// A Genoa machine of a test hierarchy.
struct SnpMachine {
  crypto::PrivateKey key;
  ByteVec vcek;
  SnpBuilder report;
};

SnpMachine snp_machine() {
  if (variable("TEST_HIERARCHY").empty()) {
    return {key_of(pki("vek-key.pem")), to_vec(as_bytes(pki("vcek-genoa.der"))),
            SnpBuilder::genoa_v3()};
  }
  const std::string chip = variable("SIMULATED_CHIP").empty() ? "0" : variable("SIMULATED_CHIP");
  const auto number = static_cast<unsigned>(std::strtoul(chip.c_str(), nullptr, 10));
  SnpBuilder report = SnpBuilder::genoa_v3();
  report.with_chip_id(VcekBuilder::of_chip(number).chip_id);
  return {key_of(hierarchy("machine/vcek.pem")),
          to_vec(as_bytes(hierarchy("good/vcek-" + chip + ".der"))), report};
}

Result<ByteVec> report_for(ByteArray<64> report_data) {
  SnpMachine machine = snp_machine();
  if (has_fault("report-data")) report_data[0] ^= 1U;
  ByteVec report = machine.report.with_report_data(report_data).sign(machine.key);
  if (has_fault("unsigned")) report[0x2A0] ^= 1U;
  return report;
}

// The host's table: VCEK at 48, an entry of zeros, the certificate.
ByteVec certificate_table() {
  const ByteVec der = snp_machine().vcek;
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

// ---- TDX ------------------------------------------------------------------------------------

/// A TD on the platform of the hierarchy.
Result<ByteVec> quote_for(QuoteBuilder quote, ByteArray<64> report_data) {
  IntelPki keys;
  keys.pck_key = key_of(hierarchy("machine/pck.pem"));
  keys.attestation_key = key_of(hierarchy("machine/attestation.pem"));
  if (has_fault("report-data")) report_data[0] ^= 1U;
  quote.with_certification_data(hierarchy("machine/pck-chain.pem"));
  ByteVec out = quote.with_report_data(report_data).sign(keys);
  const std::size_t signature = quote.signed_part().size() + 4;
  if (has_fault("unsigned")) out[signature] ^= 1U;
  return out;
}

// ---- configfs-tsm and devices -----------------------------------------------------------------

FakeTsm tsm_with_faults(const char* provider) {
  FakeTsm tsm;
  tsm.provider = provider;
  if (has_fault("generation")) tsm.generation = "2\n";
  if (has_fault("generation-text")) tsm.generation = "parseerror\n";
  if (has_fault("busy")) tsm.busy_reads = 1000;
  if (has_fault("provider")) tsm.provider = "foo_guest\n";
  return tsm;
}

void make_snp(FakeMachine& fake) {
  FakeTsm tsm = tsm_with_faults("sev_guest\n");
  tsm.outblob = report_for;
  if (!has_fault("no-certificates")) tsm.auxblob = certificate_table();
  fake.files.tsm = std::move(tsm);
  fake.files.content["/sys/devices/platform/sev-guest"] = {};
}

void make_tdx(FakeMachine& fake, const QuoteBuilder& quote) {
  FakeTsm tsm = tsm_with_faults("tdx_guest\n");
  tsm.outblob = [quote](const ByteArray<64>& report_data) { return quote_for(quote, report_data); };
  fake.files.tsm = std::move(tsm);
  fake.files.content["/dev/tdx_guest"] = {};
}

void make_snp_device(FakeMachine& fake) {
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
    make_snp(fake);
  } else if (tee == "snp-device") {
    make_snp_device(fake);
  } else if (tee == "tdx") {
    make_tdx(fake, QuoteBuilder::tdx_v4());
  } else if (tee == "tdx-v5") {
    make_tdx(fake, QuoteBuilder::tdx_v5_10());
  } else if (tee == "tdx-1.5") {
    make_tdx(fake, QuoteBuilder::tdx_v5_15());
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
