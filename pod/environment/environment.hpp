// The variables that a manifest gives a container: env and envFrom, in the order of the kubelet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/environment/env_file.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/expand.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Variables, and the same with "<secret NAME/KEY>" for what comes from a Secret, and "<file VOLUME/PATH KEY>" for what
/// comes from a file of a volume: that is what is printed.
struct DeclaredVariables {
  std::vector<std::string> names;  ///< in the order of their first appearance
  Variables values;
  Variables shown;
};

/// envFrom in listed order, then env: of equal names the later one holds, and each `value` may refer to those before
/// it. A key of envFrom that is no name of a variable is left out, as on Kubernetes. Errors: a reference that is not
/// optional to a ConfigMap, a Secret, an env file or a key that is not there; an env file with a mistake. What a file
/// that was not read would say is unread_placeholder()'s.
Result<DeclaredVariables> declared_variables(const Pod& pod, const Container& container, std::string_view uid,
                                             const HostFacts& facts, const EnvFiles& files = {});

}  // namespace podrun::pod
