#include "apps/libattester/attester.h"

#include "apps/guest/own_machine.h"
#include "attester/detect.h"
#include "attester/errors.h"
#include "base/try.h"

namespace trustee::guest {

namespace {

Answer answer(const Result<std::string>& result) {
  if (result.ok()) return {*result, {}, {}};
  return {{}, result.error().code().id(), result.error().to_string()};
}

Result<std::unique_ptr<attester::MachineSource>> source_of(std::string_view name,
                                                           attester::Machine& machine) {
  const auto tee = rcar::tee_from_name(name);
  if (tee.has_value()) return attester::MachineSource::create(*tee, machine);
  return Error(attester::Errc::tee_unsupported,
               "there is no kind of machine named " + std::string(name));
}

Result<std::string> evidence_text(std::string_view tee, Bytes report_data) {
  apps::OwnMachine own;
  TRY(const auto source, source_of(tee, own.machine()));
  TRY(const json::Value evidence, source->evidence(report_data));
  return json::write(evidence);
}

Result<std::string> bound(std::string_view tee, Bytes digest) {
  apps::OwnMachine own;
  TRY(const auto source, source_of(tee, own.machine()));
  TRY_VOID(source->bind_init_data(digest));
  return std::string();
}

}  // namespace

Detected detect() {
  apps::OwnMachine own;
  attester::Detected found = attester::detect(own.machine());
  return {std::string(rcar::to_string(found.tee)), std::move(found.without_attester)};
}

Answer evidence(std::string_view tee, const std::uint8_t* report_data, std::size_t size) {
  return answer(evidence_text(tee, Bytes(report_data, size)));
}

Answer bind_init_data(std::string_view tee, const std::uint8_t* digest, std::size_t size) {
  return answer(bound(tee, Bytes(digest, size)));
}

}  // namespace trustee::guest
