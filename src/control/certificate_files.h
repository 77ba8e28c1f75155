#pragma once

#include <memory>

#include "control/endpoints.h"
#include "reload/watch.h"

namespace trustee::control {

/// The files of an endpoint's certificate and key: replaced ones are served to whoever connects
/// from then on; a pair that cannot be served is refused with a notice, and the one before stays.
class CertificateFiles {
 public:
  /// Lifetime  `endpoint` outlives it. Errors: those of net::Server::reload_tls.
  static Result<std::unique_ptr<CertificateFiles>> create(Endpoint& endpoint,
                                                          const net::TlsConfig& files, Time now,
                                                          reload::Watch::Notice notice);

  /// To look at the files, once or with a Lookout.
  reload::Watch& watch() { return watch_; }

 private:
  CertificateFiles(std::unique_ptr<net::HttpClient> client, reload::Watch::Notice notice)
      : client_(std::move(client)), watch_(*client_, std::move(notice)) {}

  std::unique_ptr<net::HttpClient> client_;  ///< of the watch; files need none
  reload::Watch watch_;
};

}  // namespace trustee::control
