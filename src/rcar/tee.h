#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trustee::rcar {

/// The kinds of hardware that evidence can come from.
enum class Tee : std::uint8_t {
  az_snp_vtpm,
  az_tdx_vtpm,
  nvidia,
  nvidia_dpu,
  sgx,
  snp,
  tdx,
  cca,
  csv,
  se,
  hygon_dcu,
  tpm,
  sample,
  sample_device,
};

inline constexpr std::array<Tee, 14> kAllTees = {
    Tee::az_snp_vtpm, Tee::az_tdx_vtpm, Tee::nvidia, Tee::nvidia_dpu,   Tee::sgx,
    Tee::snp,         Tee::tdx,         Tee::cca,    Tee::csv,          Tee::se,
    Tee::hygon_dcu,   Tee::tpm,         Tee::sample, Tee::sample_device};

/// The name on the wire, e.g. `az-snp-vtpm`. Source: kbs.md 4.
std::string_view to_string(Tee tee);

/// Exactly the wire names, lower case, and `nvidiadpu` for the DPU. The older spellings
/// `azsnpvtpm` and `aztdxvtpm` are none.
std::optional<Tee> tee_from_name(std::string_view name);

/// The class of a claim set: it names the submodule (`cpu0`, `gpu1`) and picks the policy
/// (`default_cpu`). Source: attestation-service.md 6.5.
enum class TeeClass : std::uint8_t { cpu, gpu, switch_, ppcie, dcu, nvidia_dpu };

inline constexpr std::array<TeeClass, 6> kAllTeeClasses = {TeeClass::cpu,     TeeClass::gpu,
                                                           TeeClass::switch_, TeeClass::ppcie,
                                                           TeeClass::dcu,     TeeClass::nvidia_dpu};

/// `cpu`, `gpu`, `switch`, `ppcie`, `dcu`, `nvidia-dpu`.
std::string_view to_string(TeeClass tee_class);
std::optional<TeeClass> tee_class_from_name(std::string_view name);

}  // namespace trustee::rcar
