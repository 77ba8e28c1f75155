#include <algorithm>

#include "base/try.h"
#include "crypto/internal/certs.h"
#include "crypto/x509.h"

namespace trustee::crypto {
namespace {

void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
/// Borrows the certificates in it.
using StackHandle = Handle<STACK_OF(X509), &free_stack>;

Result<StackHandle> borrowed(std::span<const Certificate> certificates) {
  TRY(StackHandle stack, own<StackHandle>(sk_X509_new_null()));
  for (const Certificate& c : certificates) {
    if (sk_X509_push(stack.get(), c.state().x509.get()) <= 0) return library_error(Errc::library);
  }
  return stack;
}

/// Explicit throughout: our time, no partial chain, no purpose, no revocation.
Result<void> set_rules(X509_STORE_CTX* context, Time t) {
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(unix_seconds(t)));
  X509_VERIFY_PARAM_set_auth_level(rules, kChainSecurityLevel);
  return ok(X509_VERIFY_PARAM_clear_flags(rules, X509_V_FLAG_PARTIAL_CHAIN));
}

/// Verifies to one root. The library picks an issuer by name and does not try the next one when its
/// key turns out to be another, so each root is tried alone.
Result<void> verify_to(const Certificate& root, const Certificate& leaf, STACK_OF(X509) * untrusted,
                       Time t) {
  TRY(const StoreHandle store, own<StoreHandle>(X509_STORE_new()));
  TRY_VOID(ok(X509_STORE_add_cert(store.get(), root.state().x509.get())));
  TRY(const StoreCtxHandle context, own<StoreCtxHandle>(X509_STORE_CTX_new()));
  TRY_VOID(ok(X509_STORE_CTX_init(context.get(), store.get(), leaf.state().x509.get(), untrusted)));
  TRY_VOID(set_rules(context.get(), t));
  if (X509_verify_cert(context.get()) == 1) return {};
  const int why = X509_STORE_CTX_get_error(context.get());
  (void)drain_errors();
  return Error(chain_code(why), X509_verify_cert_error_string(why));
}

bool issued(const Certificate& root, const Certificate& c) {
  return X509_NAME_cmp(X509_get_subject_name(root.state().x509.get()),
                       X509_get_issuer_name(c.state().x509.get())) == 0;
}

bool could_end_in(const Certificate& root, const Certificate& leaf,
                  std::span<const Certificate> untrusted) {
  return issued(root, leaf) ||
         std::ranges::any_of(untrusted, [&root](const Certificate& c) { return issued(root, c); });
}

}  // namespace

Errc chain_code(int x509_error) {
  switch (x509_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Errc::certificate_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Errc::certificate_not_yet_valid;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return Errc::not_a_ca;
    case X509_V_ERR_OUT_OF_MEM:
      return Errc::library;
    default:
      return Errc::chain_broken;
  }
}

Result<void> verify_chain(const Certificate& leaf, std::span<const Certificate> untrusted,
                          std::span<const Certificate> roots, Time t) {
  TRY(const StackHandle stack, borrowed(untrusted));
  Result<void> outcome = Error(Errc::chain_broken, "no root has the name of an issuer");
  for (const Certificate& root : roots) {
    if (!could_end_in(root, leaf, untrusted)) continue;
    Result<void> tried = verify_to(root, leaf, stack.get(), t);
    if (tried.ok()) return tried;
    // "Expired" says more than "not by this root".
    if (outcome.error().is(Errc::chain_broken)) outcome = std::move(tried);
  }
  return outcome;
}

}  // namespace trustee::crypto
