// Texts → pods and what they refer to: several documents, several kinds, several files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod {

/// A text with manifests (YAML or JSON, UTF-8, at most 1 MiB), and what messages call it.
struct ManifestSource {
  std::string name;
  std::string text;
};

/// A pod, and the source that it stands in.
struct ParsedPod {
  Pod pod;
  std::size_t source = 0;
};

/// What sources hold, and all that there is to say of them.
struct Manifests {
  std::vector<ParsedPod> pods;                         ///< in their order; unfit to run if anything is an error
  std::vector<std::vector<Diagnostic>> diagnostics;  ///< of each source
};

/// How to read.
struct ReadOptions {
  Leniency leniency = Leniency::Strict;
  std::string namespace_name{};  ///< of objects that name none; one that names another is an error. Empty: "default"
  std::string root{};  ///< podrun's own --root, which tells what of the host is its own; empty: /
};

/// Reads every document of every source. Pods, and the pod templates of Deployment, ReplicaSet, StatefulSet, DaemonSet,
/// Job, CronJob and ReplicationController, become pods; ConfigMaps, Secrets and PersistentVolumeClaims go into
/// Pod::objects of the pods of their namespace; `kind: List` is what it holds; Services are left for a network; other
/// kinds are skipped with a warning. Errors beside those of parse(): two objects of one name, references that lead
/// nowhere. Never throws.
Manifests read_manifests(const std::vector<ManifestSource>& sources, const ReadOptions& how);

/// Whether nothing is an error.
bool has_no_errors(const Manifests& manifests);

}  // namespace podrun::pod
