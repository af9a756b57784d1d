// Parts of a pod that only a cluster has. A manifest that a cluster prints (kubectl get -o yaml) has them.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Lets the pod start without the objects that a cluster makes for its service account, and warns of each: ConfigMaps
/// with certificates of the cluster, and Secrets with a token. What a document declares stays. ROOT is the pod.
void leave_out_cluster_parts(Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod
