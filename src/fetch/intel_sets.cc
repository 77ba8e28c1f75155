#include "fetch/intel_sets.h"

#include <utility>

#include "base/try.h"
#include "fetch/intel_kinds.h"

namespace trustee::fetch {

namespace {

std::array<collateral::DocumentId, 4> ids_of(const intel::CollateralRequest& request,
                                             intel::TcbUpdate update) {
  IntelIds ids = intel_ids(request, update);
  return {std::move(ids.tcb_info), std::move(ids.qe_identity), std::move(ids.pck_crl),
          std::move(ids.root_crl)};
}

}  // namespace

Result<intel::VerifiedCollateral> IntelSets::peek(const intel::Needs& needs) {
  Documents documents;
  const auto ids = ids_of(needs.collateral, update_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    documents.at(i) = engine_.peek(ids.at(i));
    if (documents.at(i) == nullptr) return intel::VerifiedCollateral();
  }
  return combine(needs.collateral, documents);
}

Result<intel::VerifiedCollateral> IntelSets::get(const intel::Needs& needs, const Asker& asker) {
  Documents documents;
  const auto ids = ids_of(needs.collateral, update_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    TRY(documents.at(i), engine_.get(ids.at(i), asker));
  }
  return combine(needs.collateral, documents);
}

Result<intel::VerifiedCollateral> IntelSets::combine(const intel::CollateralRequest& request,
                                                     const Documents& documents) {
  {
    MutexLock lock(mutex_);
    const Combined* known = sets_.find(request);
    if (known != nullptr && known->of == documents) return known->collateral;
  }
  TRY(auto collateral, intel::combine(proof_of<intel::VerifiedTcbInfo>(documents[0]),
                                      proof_of<intel::VerifiedQeIdentity>(documents[1]),
                                      proof_of<intel::VerifiedPckCrl>(documents[2]),
                                      proof_of<intel::VerifiedRootCrl>(documents[3])));
  MutexLock lock(mutex_);
  sets_.put(request, {documents, collateral});
  return collateral;
}

}  // namespace trustee::fetch
