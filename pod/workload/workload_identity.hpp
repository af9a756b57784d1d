// What the controller of a workload adds to the pods that it makes: names, ordinals, labels, variables and claims.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pod/workload/node_factory.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The identity of the first pod of a workload. What nobody can know before, such as the hash of a template, is not
/// part of it.
struct WorkloadIdentity {
  using Texts = std::vector<std::pair<std::string, std::string>>;

  std::string pod_name;   ///< the workload's, of a StatefulSet NAME-0; "" if the workload has no name
  std::string hostname;   ///< in place of the template's; "": the template's
  std::string subdomain;  ///< in place of the template's, if there is a hostname
  Texts labels, annotations;
  std::string index_field;  ///< the field that is the value of JOB_COMPLETION_INDEX; "": there is no such variable
};

/// The identity that the controller of a workload gives.
WorkloadIdentity identity_of(const yaml::Node& workload);

/// The metadata of the pod: those of the template, the workload's namespace, and the name, the labels and annotations
/// of the identity. METADATA may be nullptr.
const yaml::Node* with_identity(NodeFactory& make, const yaml::Node* metadata, const WorkloadIdentity& identity,
                                const yaml::Node& workload);
/// The spec of the pod: the template's with host name, subdomain and variables. SPEC may be nullptr.
const yaml::Node* with_identity(NodeFactory& make, const yaml::Node* spec, const WorkloadIdentity& identity);

/// The name of the claim that a StatefulSet's controller makes for its first pod: TEMPLATE-NAME-0.
std::string claim_name(std::string_view claim_template, const yaml::Node& workload);

}  // namespace podrun::pod
