// Writes the test hierarchies of AMD and Intel as files: roots, the keys of simulated machines, and
// what their vendors' servers answer, in several states. Everything is dated from the present.
//
// usage: test-hierarchy --out DIR
//
//   roots/    genoa.pem (ASK, ARK, ASVK), intel.der
//   machine/  vcek.pem, pck.pem, attestation.pem, pck-chain.pem (as in quotes, with a NUL)
//   good/     documents in force for 30 days; newer/ a later issue, for 60; expired/ an earlier
//   one,
//             past its end; forged/ of another hierarchy with the same names. In each:
//             vcek-N.der (chips 0 to 15), amd-chain.pem, amd-crl.der, tcb.json, qe.json,
//             pck-crl.der, root-crl.der, tcb-chain.pem (of both JSON documents), ca-chain.pem (of
//             the PCK list)
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/clock.h"
#include "codec/time.h"
#include "tests/support/amd_pki.h"
#include "tests/support/intel_builder.h"
#include "tests/support/secret_access.h"

namespace trustee {
namespace {

constexpr unsigned kChips = 16;
constexpr std::chrono::hours kDay{24};

struct Life {
  Time issued;
  Time end;
};

/// Both hierarchies, whose authorities live for years around `now`.
struct Hierarchy {
  explicit Hierarchy(Time now) {
    IntelPki& pki = intel.pki;
    for (CertificateBuilder* c : {&pki.root, &pki.ca, &pki.pck, &pki.tcb}) {
      c->not_before = now - 400 * kDay;
      c->not_after = now + 4000 * kDay;
    }
  }
  AmdPki amd;
  IntelBuilder intel = IntelBuilder::tdx();
};

/// Writes files; remembers whether all of them could be written.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& path) : path_(path) {
    std::error_code trouble;
    std::filesystem::create_directories(path_, trouble);
  }
  void write(const std::string& name, std::string_view content) {
    std::ofstream out(path_ / name, std::ios::binary);
    out << content;
    good_ = good_ && out.flush().good();
  }
  void write(const std::string& name, const ByteVec& content) { write(name, as_text(content)); }
  void write(const std::string& name, const crypto::PrivateKey& key) {
    write(name, std::string_view(key.to_pem().reveal(SecretAccessForTest::key())));
  }
  bool good() const { return good_; }

 private:
  std::filesystem::path path_;
  bool good_ = true;
};

void write_amd(const AmdPki& amd, const Life& life, Time now, Folder& out) {
  for (unsigned n = 0; n < kChips; ++n) {
    VcekBuilder chip = VcekBuilder::of_chip(n);
    chip.not_before = now - 400 * kDay;
    chip.not_after = life.end < now ? life.end : now + 2000 * kDay;
    out.write("vcek-" + std::to_string(n) + ".der", amd.vcek(chip));
  }
  out.write("amd-chain.pem", amd.chain_pem());
  out.write("amd-crl.der", amd.crl({life.issued, life.end, {}}));
}

void write_intel(IntelBuilder intel, const Life& life, Folder& out) {
  intel.tcb_info.issue_date = intel.qe_identity.issue_date = codec::rfc3339_seconds(life.issued);
  intel.tcb_info.next_update = intel.qe_identity.next_update = codec::rfc3339_seconds(life.end);
  for (CrlBuilder* crl : {&intel.pck_crl, &intel.root_crl}) {
    crl->this_update = life.issued;
    crl->next_update = life.end;
  }
  const intel::CollateralDocuments documents = intel.documents();
  out.write("tcb.json", documents.tcb_info);
  out.write("qe.json", documents.qe_identity);
  out.write("tcb-chain.pem", documents.tcb_info_issuer_chain);
  out.write("pck-crl.der", documents.pck_crl);
  out.write("ca-chain.pem", documents.pck_crl_issuer_chain);
  out.write("root-crl.der", documents.root_ca_crl);
}

bool write_documents(const Hierarchy& from, const Life& life, Time now,
                     const std::filesystem::path& directory) {
  Folder out(directory);
  write_amd(from.amd, life, now, out);
  write_intel(from.intel, life, out);
  return out.good();
}

bool write_all(const std::filesystem::path& out) {
  const Time now = SystemClock().now();
  const Hierarchy ours(now);
  const Hierarchy forger(now);
  Folder roots(out / "roots");
  roots.write("genoa.pem", ours.amd.roots_pem());
  roots.write("intel.der", ours.intel.pki.root_der());
  Folder machine(out / "machine");
  machine.write("vcek.pem", ours.amd.vcek_key);
  machine.write("pck.pem", ours.intel.pki.pck_key);
  machine.write("attestation.pem", ours.intel.pki.attestation_key);
  machine.write("pck-chain.pem", ours.intel.pki.pck_chain());
  const Life in_force{now - 2 * kDay, now + 30 * kDay};
  return roots.good() && machine.good() && write_documents(ours, in_force, now, out / "good") &&
         write_documents(ours, {now - kDay, now + 60 * kDay}, now, out / "newer") &&
         write_documents(ours, {now - 40 * kDay, now - kDay}, now, out / "expired") &&
         write_documents(forger, in_force, now, out / "forged");
}

}  // namespace
}  // namespace trustee

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--out") {
    std::fprintf(stderr, "usage: test-hierarchy --out DIR\n");
    return 2;
  }
  if (trustee::write_all(argv[2])) return 0;
  std::fprintf(stderr, "%s cannot be written\n", argv[2]);
  return 1;
}
