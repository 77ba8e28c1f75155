// The default policies against their tables in section 8 of the attestation-service specification,
// over thousands of inputs in which claims and reference values are changed, taken away or given
// another shape. The evaluator of the tables shares nothing with the policies or their engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "appraise/default_policies.h"
#include "appraise/testdata.h"

namespace trustee::appraise {
namespace {

enum class Test : std::uint8_t {
  in_list,         ///< the claim is an entry of the reference value
  equals,          ///< the claim is the reference value
  at_least,        ///< the claim is not below the reference value, which must be a number
  is,              ///< the claim is this JSON
  holds,           ///< the claim is there and not false
  kernel,          ///< some event boots `File(kernel)` with the reference value as digest
  kernel_options,  ///< some event measures the load options, likewise
};

struct Condition {
  std::string claim;  ///< JSON pointer below the TEE's object
  Test test;
  std::string operand = {};  ///< name of the reference value, or JSON
};

/// One row of a table: the claim gets the value when all conditions hold. The first row counts.
struct Row {
  TrustClaim claim;
  int value;
  std::vector<Condition> conditions;
};

struct Table {
  std::string file;  ///< below tests/vectors/appraise
  std::string tee;
  std::vector<Row> rows;
};

using enum TrustClaim;
using enum Test;

Table sample_table() {
  return {"sample.json",
          "sample",
          {{executables, 3, {{"/launch_digest", in_list, "launch_digest"}}},
           {hardware,
            2,
            {{"/svn", in_list, "svn"},
             {"/platform_version/major", equals, "major_version"},
             {"/platform_version/minor", at_least, "minimum_minor_version"}}},
           {configuration, 2, {{"/debug", is, "false"}}}}};
}

Table snp_table() {
  return {"snp.json",
          "snp",
          {{executables, 3, {{"/measurement", in_list, "snp_launch_measurement"}}},
           {hardware,
            2,
            {{"/reported_tcb_bootloader", in_list, "snp_bootloader"},
             {"/reported_tcb_microcode", in_list, "snp_microcode"},
             {"/reported_tcb_snp", in_list, "snp_snp_svn"},
             {"/reported_tcb_tee", in_list, "snp_tee_svn"}}},
           {configuration,
            2,
            {{"/policy_debug_allowed", is, "false"},
             {"/policy_migrate_ma", is, "false"},
             {"/platform_smt_enabled", equals, "snp_smt_enabled"},
             {"/platform_tsme_enabled", equals, "snp_tsme_enabled"},
             {"/policy_abi_major", equals, "snp_guest_abi_major"},
             {"/policy_abi_minor", equals, "snp_guest_abi_minor"},
             {"/policy_single_socket", equals, "snp_single_socket"},
             {"/policy_smt_allowed", equals, "snp_smt_allowed"}}},
           {configuration,
            3,
            {{"/policy_debug_allowed", is, "false"}, {"/policy_migrate_ma", is, "false"}}}}};
}

const std::vector<Condition> kIntelHeader{
    {"/quote/header/tee_type", is, R"("81000000")"},
    {"/quote/header/vendor_id", is, R"("939a7233f79c4ca9940a0db3957f0607")"},
    {"/quote/body/mr_td", in_list, "mr_td"},
    {"/tcb_status", is, R"("UpToDate")"}};

Table tdx_table() {
  std::vector<Condition> genuine = kIntelHeader;
  genuine.push_back({"/collateral_expiration_status", is, R"("0")"});
  return {"tdx.json",
          "tdx",
          {{executables,
            3,
            {{"/quote/body/rtmr_1", in_list, "rtmr_1"},
             {"/quote/body/rtmr_2", in_list, "rtmr_2"},
             {"/uefi_event_logs", kernel, "tdvfkernel"},
             {"/uefi_event_logs", kernel_options, "tdvfkernelparams"}}},
           {executables,
            4,
            {{"/quote/body/rtmr_1", in_list, "rtmr_1"}, {"/quote/body/rtmr_2", in_list, "rtmr_2"}}},
           {hardware, 2, std::move(genuine)},
           {configuration,
            2,
            {{"/td_attributes/debug", is, "false"}, {"/quote/body/xfam", in_list, "xfam"}}}}};
}

Table az_snp_table() {
  return {"az-snp-vtpm.json",
          "az-snp-vtpm",
          {{executables,
            3,
            {{"/measurement", in_list, "measurement"}, {"/tpm/pcr11", in_list, "snp_pcr11"}}},
           {hardware,
            2,
            {{"/reported_tcb_bootloader", in_list, "tcb_bootloader"},
             {"/reported_tcb_microcode", in_list, "tcb_microcode"},
             {"/reported_tcb_snp", in_list, "tcb_snp"},
             {"/reported_tcb_tee", in_list, "tcb_tee"}}},
           {configuration,
            2,
            {{"/platform_smt_enabled", in_list, "smt_enabled"},
             {"/platform_tsme_enabled", in_list, "tsme_enabled"},
             {"/policy_abi_major", in_list, "abi_major"},
             {"/policy_abi_minor", in_list, "abi_minor"},
             {"/policy_single_socket", in_list, "single_socket"},
             {"/policy_smt_allowed", in_list, "smt_allowed"}}}}};
}

Table az_tdx_table() {
  return {"az-tdx-vtpm.json",
          "az-tdx-vtpm",
          {{executables, 3, {{"/tpm/pcr11", in_list, "tdx_pcr11"}}},
           {hardware, 2, kIntelHeader},
           {configuration, 2, {{"/quote/body/xfam", in_list, "xfam"}}}}};
}

Table tpm_table() {
  return {
      "tpm.json",
      "tpm",
      {{executables, 3, {{"/pcr11", in_list, "tpm_pcr11"}, {"/ak_public", in_list, "trusted_aks"}}},
       {hardware, 2, {}},
       {configuration, 0, {}}}};
}

Table nvidia_table(const std::string& device, const std::vector<std::string>& rims,
                   const std::string& chain, std::vector<Condition> versions) {
  const std::string x = "/x-nvidia-" + device + "-";
  const auto good = [&](const std::string& c) {
    return std::vector<Condition>{{x + c + "/x-nvidia-cert-ocsp-status", is, R"("good")"},
                                  {x + c + "/x-nvidia-cert-status", is, R"("valid")"}};
  };
  std::vector<Condition> genuine = good("attestation-report-cert-chain");
  for (const char* what : {"attestation-report-cert-chain-fwid-match", "attestation-report-parsed",
                           "attestation-report-signature-verified", "arch-check"}) {
    genuine.push_back({x + what, holds});
  }
  std::vector<Condition> images = good(chain);
  for (const std::string& rim : rims) {
    for (const char* what : {"fetched", "measurements-available", "schema-validated",
                             "signature-verified", "version-match"}) {
      images.push_back({x + rim + "-rim-" + what, holds});
    }
  }
  images.push_back({"/measres", is, R"("success")"});
  const std::vector<Condition> locked{{"/secboot", holds}, {"/dbgstat", is, R"("disabled")"}};
  versions.insert(versions.begin(), locked.begin(), locked.end());
  return {"nvidia-" + device + ".json",
          "nvidia",
          {{hardware, 2, std::move(genuine)},
           {configuration, 2, std::move(versions)},
           {configuration, 3, locked},
           {executables, 3, std::move(images)}}};
}

Table gpu_table() {
  return nvidia_table("gpu", {"driver", "vbios"}, "vbios-rim-cert-chain",
                      {{"/x-nvidia-gpu-vbios-version", in_list, "allowed_vbios_versions"},
                       {"/x-nvidia-gpu-driver-version", in_list, "allowed_driver_versions"}});
}

Table switch_table() {
  return nvidia_table("switch", {"bios"}, "bios-rim-cert-chain",
                      {{"/x-nvidia-switch-bios-version", in_list, "allowed_switch_bios_versions"}});
}

/// What the table says of these claims under these reference values.
class Reader {
 public:
  Reader(const json::Value& claims, const json::Object& references)
      : claims_(claims), references_(references) {}

  TrustVector vector(const Table& table) const {
    TrustVector out = TrustVector::all_zero();
    out.set(executables, 33);
    out.set(hardware, 97);
    out.set(configuration, 36);
    std::vector<TrustClaim> decided;
    for (const Row& row : table.rows) {
      if (std::ranges::count(decided, row.claim) != 0 ||
          !std::ranges::all_of(row.conditions, [&](const Condition& c) { return met(c); })) {
        continue;
      }
      out.set(row.claim, static_cast<std::int8_t>(row.value));
      decided.push_back(row.claim);
    }
    return out;
  }

 private:
  bool met(const Condition& c) const {
    const json::Value* claim = claims_.at_pointer(c.claim);
    if (claim == nullptr) return false;
    const json::Value* reference = references_.find(c.operand);
    switch (c.test) {
      case in_list:
        return reference != nullptr && contains(*reference, *claim);
      case equals:
        return reference != nullptr && *reference == *claim;
      case at_least:
        return reference != nullptr && reference->as_number() != nullptr &&
               claim->as_number()->as_double() >= reference->as_number()->as_double();
      case is:
        return *claim == json::parse(c.operand).value();
      case holds:
        return claim->as_bool() == nullptr || *claim->as_bool();
      case kernel:
      case kernel_options:
        return reference != nullptr && has_event(*claim, c.test, *reference);
    }
    return false;
  }

  /// Entries of arrays, values of objects; nothing is in a text, a number or null.
  static bool contains(const json::Value& collection, const json::Value& wanted) {
    if (const json::Array* array = collection.as_array(); array != nullptr) {
      return std::ranges::count(*array, wanted) != 0;
    }
    const json::Object* object = collection.as_object();
    return object != nullptr &&
           std::ranges::any_of(*object, [&](const json::Member& m) { return m.value == wanted; });
  }

  static bool says(const json::Value& event, std::string_view pointer, std::string_view text) {
    const json::Value* at = event.at_pointer(pointer);
    return at != nullptr && *at == json::Value(text);
  }

  static bool has_event(const json::Value& log, Test test, const json::Value& digest) {
    const auto fits = [&](const json::Value& event) {
      if (test == kernel_options) {
        return says(event, "/type_name", "EV_EVENT_TAG") &&
               says(event, "/details/string", "LOADED_IMAGE::LoadOptions");
      }
      const json::Value* paths = event.at_pointer("/details/device_paths");
      return says(event, "/type_name", "EV_EFI_BOOT_SERVICES_APPLICATION") && paths != nullptr &&
             contains(*paths, "File(kernel)");
    };
    const auto measures = [&](const json::Value& event) {
      return std::ranges::any_of(
          *event.at_pointer("/digests")->as_array(),
          [&](const json::Value& d) { return *d.at_pointer("/digest") == digest; });
    };
    return std::ranges::any_of(
        *log.as_array(), [&](const json::Value& event) { return fits(event) && measures(event); });
  }

  const json::Value& claims_;
  const json::Object& references_;
};

/// Changes a few claims and reference values of an accepted input.
class Spoiler {
 public:
  explicit Spoiler(unsigned seed) : random_(seed) {}

  void spoil(const Table& table, json::Value& claims, json::Object& references) {
    std::vector<const Condition*> conditions;
    for (const Row& row : table.rows) {
      for (const Condition& c : row.conditions) conditions.push_back(&c);
    }
    for (unsigned n = below(4); n > 0; --n) {
      const Condition& c = *conditions[below(static_cast<unsigned>(conditions.size()))];
      if (c.test != is && c.test != holds && below(2) == 0) {
        spoil_reference(references, c.operand);
      } else if (c.test == kernel || c.test == kernel_options) {
        spoil_event(claims, c.claim);
      } else {
        spoil_claim(claims, c.claim);
      }
    }
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  json::Value another(const json::Value& value) {
    if (const bool* b = value.as_bool(); b != nullptr) return !*b;
    if (value.as_number() != nullptr) return static_cast<int>(below(9));
    const json::Value others[] = {"other", "", "UpToDate", "0", "false"};
    return others[below(5)];
  }

  void spoil_claim(json::Value& claims, const std::string& pointer) {
    const std::size_t slash = pointer.rfind('/');
    auto* parent = const_cast<json::Value*>(claims.at_pointer(pointer.substr(0, slash)));
    if (parent == nullptr) return;  // taken away already
    const std::string name = pointer.substr(slash + 1);
    json::Value* value = parent->as_object()->find(name);
    if (value == nullptr) return;
    if (below(4) == 0) {
      (void)parent->as_object()->remove(name);
    } else {
      *value = another(*value);
    }
  }

  void spoil_event(json::Value& claims, const std::string& pointer) {
    auto* log = const_cast<json::Value*>(claims.at_pointer(pointer));
    if (log == nullptr || log->as_array()->empty()) return;
    json::Array& events = *log->as_array();
    const std::size_t i = below(static_cast<unsigned>(events.size()));
    if (below(2) == 0) {
      events.erase(events.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      events[i].as_object()->set("type_name", "EV_SEPARATOR");
    }
  }

  void spoil_reference(json::Object& references, const std::string& name) {
    json::Value* value = references.find(name);
    if (value == nullptr) return;
    const json::Array* list = value->as_array();
    const json::Value first = list == nullptr ? *value : list->empty() ? "" : list->front();
    switch (below(5)) {
      case 0:
        (void)references.remove(name);
        return;
      case 1:
        *value = list == nullptr ? json::Value(json::Array{first}) : first;
        return;
      case 2:
        *value = list == nullptr ? another(first) : json::Value(json::Array{another(first)});
        return;
      case 3:
        *value = json::Object{{"k", first}};
        return;
      default:
        *value = json::Array{};
    }
  }

  std::mt19937 random_;
};

void check(const Table& table) {
  const json::Value document =
      json::parse(file_text("tests/vectors/appraise/" + table.file)).value();
  const auto policy = shipped(*document.at_pointer("/policy")->as_string());
  std::size_t accepted = 0;
  constexpr unsigned kInputs = 400;
  for (unsigned seed = 0; seed < kInputs; ++seed) {
    json::Object input = *document.at_pointer("/input")->as_object();
    json::Object references = *document.at_pointer("/references")->as_object();
    json::Value& claims = *input.find(table.tee);
    Spoiler(seed).spoil(table, claims, references);
    const auto appraisal =
        appraised(*policy, json::write(input), references_of(json::write(references)));
    ASSERT_TRUE(appraisal.ok()) << appraisal.error().to_string();
    const TrustVector wanted = Reader(claims, references).vector(table);
    ASSERT_EQ(json::write(appraisal->vector.to_json()), json::write(wanted.to_json()))
        << table.file << " seed " << seed << "\nclaims " << json::write(claims) << "\nreferences "
        << json::write(references);
    accepted += appraisal->status == Tier::affirming ? 1U : 0U;
  }
  EXPECT_GT(accepted, kInputs / 20) << "the inputs must not all be refused";
  EXPECT_LT(accepted, kInputs);
}

TEST(DefaultPolicyTables, sample) { check(sample_table()); }
TEST(DefaultPolicyTables, snp) { check(snp_table()); }
TEST(DefaultPolicyTables, tdx) { check(tdx_table()); }
TEST(DefaultPolicyTables, az_snp_vtpm) { check(az_snp_table()); }
TEST(DefaultPolicyTables, az_tdx_vtpm) { check(az_tdx_table()); }
TEST(DefaultPolicyTables, tpm) { check(tpm_table()); }
TEST(DefaultPolicyTables, nvidia_gpu) { check(gpu_table()); }
TEST(DefaultPolicyTables, nvidia_switch) { check(switch_table()); }

}  // namespace
}  // namespace trustee::appraise
