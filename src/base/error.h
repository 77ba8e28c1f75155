#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trustee {

/// Who must act when something fails. Travels to the guest in the header `Trustee-Actor`.
enum class Actor : std::uint8_t {
  guest,          ///< the guest image or the program in it sent something wrong
  platform,       ///< firmware, microcode or settings of the machine that hosts the guest
  policy_author,  ///< a policy or a reference value does not say what its author meant
  administrator,  ///< configuration, keys, certificates, admin tokens of this service
  vendor,         ///< a service of the hardware vendor is down, slow or serves bad documents
  service,        ///< this service itself: overload, storage, a bug
};

/// The word for `actor` on the wire and in logs, e.g. `policy-author`.
std::string_view to_string(Actor actor);

/// What is known of one error code besides its number. Made by TRUSTEE_ERROR_CODES only.
struct CodeInfo {
  std::string_view name;  ///< the enumerator, spelled as in the source
  Actor actor;
  std::string_view text;  ///< one sentence for the operator; no final full stop
};

/// All codes of one module. There is one object per enum, so its address is its identity.
struct CodeDomain {
  std::string_view module;  ///< e.g. `snp`
  std::span<const CodeInfo> codes;
};

template <class E>
concept CodeEnum = requires(E e) {
  { code_domain(e) } -> std::same_as<const CodeDomain&>;
};

/// One error code: module plus enumerator. Compares by identity; prints as `module.enumerator`,
/// which is also the finding id.
class Code {
 public:
  template <CodeEnum E>
  constexpr explicit(false) Code(E e)  // an enumerator is a code
      : domain_(&code_domain(e)), index_(static_cast<std::uint16_t>(e)) {}

  std::string_view module() const { return domain_->module; }
  std::string_view name() const { return domain_->codes[index_].name; }
  std::string_view text() const { return domain_->codes[index_].text; }
  Actor actor() const { return domain_->codes[index_].actor; }
  /// `module.enumerator`
  std::string id() const;

  friend bool operator==(const Code&, const Code&) = default;

 private:
  const CodeDomain* domain_;
  std::uint16_t index_;
};

/// A failure: a code for programs, a detail for the operator, the place it was made, and what was
/// being done. Neither detail nor context may hold secrets; neither is sent to clients as is.
class [[nodiscard]] Error {
 public:
  template <CodeEnum E>
  Error(E code, std::string detail = {},
        std::source_location where = std::source_location::current())
      : code_(code), detail_(std::move(detail)), where_(where) {}
  Error(Code code, std::string detail = {},
        std::source_location where = std::source_location::current())
      : code_(code), detail_(std::move(detail)), where_(where) {}

  Code code() const { return code_; }
  template <CodeEnum E>
  bool is(E code) const {
    return code_ == Code(code);
  }
  const std::string& detail() const { return detail_; }
  const std::source_location& where() const { return where_; }
  /// What was being done, innermost first.
  const std::vector<std::string>& context() const { return context_; }

  /// Adds what was being done when the error passed through, e.g. `reading the VCEK`.
  Error while_doing(std::string what) && {
    context_.push_back(std::move(what));
    return std::move(*this);
  }

  /// For the operator: `snp.vmpl_not_zero: VMPL is 1 (while appraising snp evidence)`.
  std::string to_string() const;

 private:
  Code code_;
  std::string detail_;
  std::source_location where_;
  std::vector<std::string> context_;
};

}  // namespace trustee

/// Declares the error codes of a module. `LIST` is a macro of X(enumerator, actor, "text") rows;
/// the text is the enumerator's documentation. Use inside the module's namespace:
///
///     #define TRUSTEE_SNP_ERRORS(X)
///       X(vmpl_not_zero, guest, "the report was requested from a VMPL other than 0")
///
/// (with a backslash at the end of each line but the last)
///     TRUSTEE_ERROR_CODES(Errc, "snp", TRUSTEE_SNP_ERRORS)
#define TRUSTEE_CODE_ENUMERATOR(name, actor, text) name,
#define TRUSTEE_CODE_INFO(name, actor, text) \
  ::trustee::CodeInfo{#name, ::trustee::Actor::actor, text},
#define TRUSTEE_ERROR_CODES(Enum, module_name, LIST)                                   \
  enum class Enum : std::uint16_t { LIST(TRUSTEE_CODE_ENUMERATOR) };                   \
  inline constexpr ::trustee::CodeInfo k##Enum##Infos[] = {LIST(TRUSTEE_CODE_INFO)};   \
  inline constexpr ::trustee::CodeDomain k##Enum##Domain{module_name, k##Enum##Infos}; \
  constexpr const ::trustee::CodeDomain& code_domain(Enum) { return k##Enum##Domain; }
