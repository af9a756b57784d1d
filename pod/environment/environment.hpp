// The environment variables that a manifest declares for a container: env and envFrom, evaluated in the kubelet's
// order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/environment/env_file.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/expand.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Variables, and their printable form, which has "<secret NAME/KEY>" in place of a Secret's value and "<file
/// VOLUME/PATH KEY>" in place of a value from a file of a volume.
struct DeclaredVariables {
  std::vector<std::string> names;  ///< in the order of their first appearance
  Variables values;
  Variables shown;
};

/// Evaluates envFrom in listed order, then env. The last of equal names wins, and each `value` may refer to earlier
/// variables. A key of envFrom that is not a valid variable name is skipped, as in Kubernetes. The value of a variable
/// from a file that has not been read is name_of_unread(). Errors: a ConfigMap, Secret, env file or key does not
/// exist and the reference to it is not optional; an env file has a syntax error. `addresses`: as for field_value().
Result<DeclaredVariables> declared_variables(const Pod& pod, const Container& container, std::string_view uid,
                                             const HostFacts& facts, const EnvFiles& files = {},
                                             const Addresses& addresses = {});

}  // namespace podrun::pod
