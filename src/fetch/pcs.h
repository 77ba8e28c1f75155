#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "collateral/document.h"
#include "fetch/vendor.h"
#include "intel/needs.h"
#include "intel/pcs.h"
#include "intel/pcs_file.h"

namespace trustee::fetch {

/// Where Intel's collateral comes from. Blocking; safe from many threads.
class IntelSource {
 public:
  virtual ~IntelSource() = default;
  virtual Result<collateral::RawDocument> tcb_info(intel::TeeType tee, const intel::Fmspc& fmspc,
                                                   intel::TcbUpdate update, Time deadline) = 0;
  virtual Result<collateral::RawDocument> qe_identity(intel::TeeType tee, intel::TcbUpdate update,
                                                      Time deadline) = 0;
  virtual Result<collateral::RawDocument> pck_crl(intel::PckCa ca, Time deadline) = 0;
  virtual Result<collateral::RawDocument> root_crl(Time deadline) = 0;
  /// How old a document may become before it is asked for again.
  virtual Duration max_age() const = 0;
};

/// Intel's PCS, or a PCCS.
/// Errors  collateral_not_available (404, 410), tcb_info_without_chain, qe_identity_without_chain,
///         pck_crl_without_chain; those of Vendor::get.
class Pcs final : public IntelSource {
 public:
  Pcs(intel::PcsWords words, std::shared_ptr<Vendor> vendor)
      : words_(std::move(words)), vendor_(std::move(vendor)) {}

  Result<collateral::RawDocument> tcb_info(intel::TeeType tee, const intel::Fmspc& fmspc,
                                           intel::TcbUpdate update, Time deadline) override;
  Result<collateral::RawDocument> qe_identity(intel::TeeType tee, intel::TcbUpdate update,
                                              Time deadline) override;
  Result<collateral::RawDocument> pck_crl(intel::PckCa ca, Time deadline) override;
  Result<collateral::RawDocument> root_crl(Time deadline) override;
  Duration max_age() const override { return std::chrono::hours(24); }

 private:
  const intel::PcsWords words_;
  std::shared_ptr<Vendor> vendor_;
};

/// The file of Intel's PCS client tool (`file://…`), read again when it has changed.
/// Errors  store_unreadable, collateral_not_available; intel::pcs_file_malformed.
class PcsFileSource final : public IntelSource {
 public:
  explicit PcsFileSource(std::string path) : path_(std::move(path)) {}

  Result<collateral::RawDocument> tcb_info(intel::TeeType tee, const intel::Fmspc& fmspc,
                                           intel::TcbUpdate update, Time deadline) override;
  Result<collateral::RawDocument> qe_identity(intel::TeeType tee, intel::TcbUpdate update,
                                              Time deadline) override;
  Result<collateral::RawDocument> pck_crl(intel::PckCa ca, Time deadline) override;
  Result<collateral::RawDocument> root_crl(Time deadline) override;
  Duration max_age() const override { return std::chrono::minutes(1); }

 private:
  using FilePtr = std::shared_ptr<const intel::PcsFile>;
  Result<FilePtr> file();
  Result<collateral::RawDocument> document(Result<intel::PcsFileDocument> found) const;

  const std::string path_;
  Mutex mutex_;
  FilePtr parsed_ TRUSTEE_GUARDED_BY(mutex_);
  std::string version_ TRUSTEE_GUARDED_BY(mutex_);  ///< of what was parsed
};

}  // namespace trustee::fetch
