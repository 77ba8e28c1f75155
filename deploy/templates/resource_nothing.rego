# In force while the policy that was asked for cannot be used and there was none before it.
package policy

import rego.v1

default allow := false
