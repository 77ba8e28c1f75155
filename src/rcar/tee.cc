#include "rcar/tee.h"

#include "base/check.h"

namespace trustee::rcar {

std::string_view to_string(Tee tee) {
  switch (tee) {
    case Tee::az_snp_vtpm:
      return "az-snp-vtpm";
    case Tee::az_tdx_vtpm:
      return "az-tdx-vtpm";
    case Tee::nvidia:
      return "nvidia";
    case Tee::nvidia_dpu:
      return "nvidia-dpu";
    case Tee::sgx:
      return "sgx";
    case Tee::snp:
      return "snp";
    case Tee::tdx:
      return "tdx";
    case Tee::cca:
      return "cca";
    case Tee::csv:
      return "csv";
    case Tee::se:
      return "se";
    case Tee::hygon_dcu:
      return "hygondcu";
    case Tee::tpm:
      return "tpm";
    case Tee::sample:
      return "sample";
    case Tee::sample_device:
      return "sampledevice";
  }
  TRUSTEE_CHECK(false);
  return {};
}

std::optional<Tee> tee_from_name(std::string_view name) {
  if (name == "nvidiadpu") return Tee::nvidia_dpu;
  for (const Tee tee : kAllTees) {
    if (to_string(tee) == name) return tee;
  }
  return std::nullopt;
}

std::string_view to_string(TeeClass tee_class) {
  switch (tee_class) {
    case TeeClass::cpu:
      return "cpu";
    case TeeClass::gpu:
      return "gpu";
    case TeeClass::switch_:
      return "switch";
    case TeeClass::ppcie:
      return "ppcie";
    case TeeClass::dcu:
      return "dcu";
    case TeeClass::nvidia_dpu:
      return "nvidia-dpu";
  }
  TRUSTEE_CHECK(false);
  return {};
}

std::optional<TeeClass> tee_class_from_name(std::string_view name) {
  for (const TeeClass tee_class : kAllTeeClasses) {
    if (to_string(tee_class) == name) return tee_class;
  }
  return std::nullopt;
}

}  // namespace trustee::rcar
