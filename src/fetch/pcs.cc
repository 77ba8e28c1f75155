#include "fetch/pcs.h"

#include <utility>

#include "base/try.h"
#include "fetch/errors.h"
#include "fetch/file.h"

namespace trustee::fetch {

using collateral::RawDocument;

namespace {

/// 404 and 410 have upstream's words.
Result<HttpAnswer> ask(Vendor& vendor, const std::string& url, Time deadline) {
  auto answer = vendor.get(url, deadline);
  if (answer.ok() || !answer.error().is(Errc::not_found)) return answer;
  return Error(Errc::collateral_not_available, "collateral not available from " + url);
}

Result<RawDocument> with_chain(HttpAnswer answer, std::string_view header, Errc missing) {
  const std::string* chain = answer.headers.find(header);
  if (chain == nullptr) return missing;
  TRY(std::string pem, intel::issuer_chain_of_header(*chain));
  return RawDocument{std::move(answer.body), std::move(pem)};
}

}  // namespace

Result<RawDocument> Pcs::tcb_info(intel::TeeType tee, const intel::Fmspc& fmspc,
                                  intel::TcbUpdate update, Time deadline) {
  TRY(HttpAnswer answer, ask(*vendor_, words_.tcb_info(tee, fmspc, update), deadline));
  return with_chain(std::move(answer), intel::kTcbInfoChainHeader, Errc::tcb_info_without_chain);
}

Result<RawDocument> Pcs::qe_identity(intel::TeeType tee, intel::TcbUpdate update, Time deadline) {
  TRY(HttpAnswer answer, ask(*vendor_, words_.qe_identity(tee, update), deadline));
  return with_chain(std::move(answer), intel::kQeIdentityChainHeader,
                    Errc::qe_identity_without_chain);
}

Result<RawDocument> Pcs::pck_crl(intel::PckCa ca, Time deadline) {
  TRY(HttpAnswer answer, ask(*vendor_, words_.pck_crl(ca), deadline));
  return with_chain(std::move(answer), intel::kPckCrlChainHeader, Errc::pck_crl_without_chain);
}

Result<RawDocument> Pcs::root_crl(Time deadline) {
  TRY(HttpAnswer answer, ask(*vendor_, words_.root_crl(), deadline));
  return RawDocument{std::move(answer.body)};
}

Result<PcsFileSource::FilePtr> PcsFileSource::file() {
  TRY(const auto version, file_version(path_));
  {
    MutexLock lock(mutex_);
    if (parsed_ != nullptr && version.has_value() && *version == version_) return parsed_;
  }
  TRY(const auto content, read_file_if_there(path_, intel::kMaxPcsFile));
  if (!content.has_value()) {
    return Error(Errc::collateral_not_available, "collateral not available from " + path_);
  }
  TRY(auto parsed, intel::PcsFile::parse(as_text(content->bytes)));
  MutexLock lock(mutex_);
  parsed_ = std::make_shared<const intel::PcsFile>(std::move(parsed));
  version_ = content->version;
  return parsed_;
}

Result<RawDocument> PcsFileSource::document(Result<intel::PcsFileDocument> found) const {
  if (found.ok()) {
    return RawDocument{to_vec(as_bytes(found->body)), std::move(found->issuer_chain)};
  }
  return Error(Errc::collateral_not_available,
               "collateral not available from " + path_ + ": " + found.error().to_string());
}

Result<RawDocument> PcsFileSource::tcb_info(intel::TeeType tee, const intel::Fmspc& fmspc,
                                            intel::TcbUpdate update, Time /*deadline*/) {
  TRY(const FilePtr from, file());
  return document(from->tcb_info(tee, fmspc, update));
}

Result<RawDocument> PcsFileSource::qe_identity(intel::TeeType tee, intel::TcbUpdate update,
                                               Time /*deadline*/) {
  TRY(const FilePtr from, file());
  return document(from->qe_identity(tee, update));
}

Result<RawDocument> PcsFileSource::pck_crl(intel::PckCa ca, Time /*deadline*/) {
  TRY(const FilePtr from, file());
  return document(from->pck_crl(ca));
}

Result<RawDocument> PcsFileSource::root_crl(Time /*deadline*/) {
  TRY(const FilePtr from, file());
  return document(from->root_crl());
}

}  // namespace trustee::fetch
