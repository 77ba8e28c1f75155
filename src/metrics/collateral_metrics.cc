#include "metrics/collateral_metrics.h"

namespace trustee::metrics {

CollateralMetrics::CollateralMetrics(Registry& r)
    : hits(r.counters("trustee_collateral_hits_total",
                      "Requests whose vendor document was in memory", {"kind"})),
      misses(r.counters("trustee_collateral_misses_total",
                        "Requests that had to wait for a vendor document", {"kind"})),
      fetches(r.counters("trustee_collateral_fetches_total",
                         "Vendor documents got from a source and accepted", {"kind"})),
      failures(r.counters("trustee_collateral_failures_total",
                          "Vendor documents that could not be got or not be accepted", {"kind"})),
      documents(r.gauges("trustee_collateral_documents", "Vendor documents in memory", {"kind"})),
      age(r.gauges("trustee_collateral_age_seconds", "Seconds since a vendor document was got",
                   {"kind", "document"})),
      expiry(r.gauges("trustee_collateral_expiry_seconds",
                      "Seconds to the end of a vendor document, negative past it",
                      {"kind", "document"})) {}

}  // namespace trustee::metrics
