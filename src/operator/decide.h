#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "operator/snapshot.h"

// The two decisions of the operator: from what exists to what shall exist. Pure: no clock, no
// randomness, no I/O; the same arguments give the same answer (but for fresh keys).

namespace trustee::operators {

/// Container images from the environment; an empty one stands for the released default.
struct Images {
  std::string kbs;                ///< KBS_IMAGE_NAME
  std::string kbs_microservices;  ///< KBS_IMAGE_NAME_MICROSERVICES
  std::string as;                 ///< AS_IMAGE_NAME
  std::string rvps;               ///< RVPS_IMAGE_NAME
};

/// What is particular to an OpenShift cluster: what its cluster-wide Proxy object says (empty
/// members are not set), and that it gives each namespace user ids and groups of its own.
struct OpenShift {
  std::string http_proxy;
  std::string https_proxy;
  std::string no_proxy;
};

/// Why what was decided stays unwritten.
enum class Unwritten : std::uint8_t {
  no_right,  ///< the role does not let us
  refused,   ///< the API server refuses this object
  failing,   ///< the API server tries, and fails at it: a webhook that it asks is down
};

struct Surroundings {
  std::string operator_namespace;  ///< POD_NAMESPACE
  Images images;
  Time now;
  std::set<std::string, std::less<>> refused;  ///< kinds that RBAC does not let us read or write
  /// What could not be written for the decided object for a while, in the API server's words;
  /// empty: nothing.
  std::string unwritten;
  Unwritten why_unwritten = Unwritten::no_right;
  std::optional<OpenShift> open_shift;  ///< nothing: the cluster is another one
  /// The status this process wrote last for the decided object: an older CRD prunes conditions, and
  /// without memory their events would be repeated. It never stands in for what is stored.
  std::optional<json::Object> written_status;
  /// uid of the object that `written_status` was written for: one that was deleted and made again
  /// under its name has no past. Empty: not known, the name has to do.
  std::string written_uid;
};

/// Makes what must be fresh. Called only when the object that holds it does not exist.
class KeySource {
 public:
  virtual ~KeySource() = default;
  virtual Result<crypto::PrivateKey> ed25519() const = 0;
  virtual Result<SecretBytes> session_key() const = 0;  ///< 32 random bytes
};

/// One event on the decided object; reason and action are the same word.
struct Event {
  bool warning = false;
  std::string reason;
  std::string note;
  friend bool operator==(const Event&, const Event&) = default;
};

/// An object to delete, with the uid it had in the snapshot as precondition.
struct Removal {
  ObjectRef object;
  std::string uid;
  friend bool operator==(const Removal&, const Removal&) = default;
};

/// To be carried out in this order: create, apply, remove, drop_finalizer, status, events.
struct Decision {
  /// Bodies for server-side apply with force: the owned fields only, in the order to write them.
  /// Whether one has to be written at all: already_applied (applied.h).
  std::vector<json::Value> apply;
  /// Objects made only while they are missing and then left to the user.
  std::vector<json::Value> create;
  std::vector<Removal> remove;
  /// The whole status for `/status`; nothing: it stands already.
  std::optional<json::Object> status;
  /// To be written once everything above has been written. Only transitions: none is repeated.
  std::vector<Event> events;
  /// Finalizer to take off the decided object after `remove` was done (or found nothing).
  std::optional<std::string> drop_finalizer;
  /// When to look again though nothing changed: a certificate's date.
  std::optional<std::chrono::seconds> again;
  /// All objects looked at, present or not, sorted: a change of one of them wakes this owner. An
  /// empty name stands for every object of the kind in the namespace.
  std::vector<ObjectRef> wants;
};

/// What a TrusteeConfig asks for. `tc` as the API server returned it.
/// Source  operator specification, sections 3 and 13.
Decision decide_trustee_config(const json::Object& tc, const Snapshot& snapshot,
                               const Surroundings& surroundings, const KeySource& fresh_keys);

/// What a KbsConfig asks for. `kc` as the API server returned it.
/// Source  operator specification, sections 4 and 13.
Decision decide_kbs_config(const json::Object& kc, const Snapshot& snapshot,
                           const Surroundings& surroundings, const KeySource& fresh_keys);

}  // namespace trustee::operators
