#include "attester/sample.h"

#include "codec/base64.h"

namespace trustee::attester {
namespace {

json::Object evidence_of(Bytes report_data, std::string_view svn) {
  json::Object out;
  out.append("report_data", codec::base64_encode(report_data));
  out.append("svn", svn);
  return out;
}

}  // namespace

Result<json::Value> SampleSource::evidence(Bytes report_data) {
  return json::Value(evidence_of(report_data, "1"));
}

Result<std::string> SampleSource::additional(Bytes report_data) {
  if (!with_device_) return std::string();
  json::Object out;
  out.append("sampledevice", evidence_of(report_data, "2"));
  return json::write(std::move(out));
}

}  // namespace trustee::attester
