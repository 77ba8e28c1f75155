#include "control/certificate_files.h"

#include <utility>

#include "base/try.h"

namespace trustee::control {

Result<std::unique_ptr<CertificateFiles>> CertificateFiles::create(Endpoint& endpoint,
                                                                   const net::TlsConfig& files,
                                                                   Time now,
                                                                   reload::Watch::Notice notice) {
  TRY(auto client, net::HttpClient::create({}));
  std::unique_ptr<CertificateFiles> out(new CertificateFiles(std::move(client), std::move(notice)));
  reload::Watched watched;
  watched.name = "metrics certificate and key";
  for (const std::string& path : {files.certificate_file, files.private_key_file}) {
    watched.sources.push_back({reload::Source::Kind::text, path});
  }
  watched.take = [&endpoint](Time) { return endpoint.reload_tls(); };
  TRY_VOID(out->watch_.start(std::move(watched), now));
  return out;
}

}  // namespace trustee::control
