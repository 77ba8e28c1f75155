#pragma once

#include <string_view>

namespace trustee::amd::internal {

// AMD's published certificates, per product ASK, ARK, ASVK, as KDS serves them under
// /vcek/v1/{product}/cert_chain and /vlek/v1/{product}/cert_chain.
extern const std::string_view kMilanRoots;
extern const std::string_view kGenoaRoots;
extern const std::string_view kTurinRoots;

}  // namespace trustee::amd::internal
