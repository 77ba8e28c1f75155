#pragma once

#include "base/error.h"

namespace trustee::fetch {

// Every code here means "could not get", never "was got and is wrong about the guest".
#define TRUSTEE_FETCH_ERRORS(X)                                                             \
  X(vcek_unavailable, vendor, "Failed to fetch VCEK from any configured source")            \
  X(crl_unavailable, vendor, "no revocation list that is still valid could be fetched")     \
  X(peer_budget_exhausted, guest, "this peer has caused too many fetches; try again later") \
  X(budget_exhausted, service, "too many fetches are going on; try again later")            \
  X(deadline_exceeded, vendor, "the document did not come before the request's deadline")   \
  X(collateral_not_available, vendor, "the collateral service has no such document")        \
  X(tcb_info_without_chain, vendor, "TcbInfo response missing issuer chain")                \
  X(qe_identity_without_chain, vendor, "QE Identity response missing issuer chain")         \
  X(pck_crl_without_chain, vendor, "PCK CRL response missing issuer chain")                 \
  X(answer_outdated, vendor, "the source gave an earlier issue than the one that is held")  \
  X(kind_unknown, administrator, "documents of that kind are not kept here")                \
  X(not_found, vendor, "the source has no such document")                                   \
  X(overloaded, vendor, "the vendor's service limits its rate")                             \
  X(service_failed, vendor, "the vendor's service failed")                                  \
  X(unreachable, vendor, "the vendor's service cannot be reached")                          \
  X(answer_unusable, vendor, "what the source gave is not the document that was asked for") \
  X(store_unreadable, administrator, "a file of the offline store exists and cannot be read")
TRUSTEE_ERROR_CODES(Errc, "fetch", TRUSTEE_FETCH_ERRORS)

}  // namespace trustee::fetch
