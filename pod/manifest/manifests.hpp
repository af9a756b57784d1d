// Reads manifests, which may be several files with several documents of several kinds, into pods and their objects.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pod/manifest/field_places.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod {

/// A text with manifests (YAML or JSON, UTF-8, at most 64 MiB), and its name in messages.
struct ManifestSource {
  std::string name;
  std::string text;
};

/// A pod, the index of its source, and where its fields are there.
struct ParsedPod {
  Pod pod;
  std::size_t source = 0;
  FieldPlaces places{};
};

/// The pods of all sources, and the diagnostics.
struct Manifests {
  std::vector<ParsedPod> pods;                       ///< in the order of the sources; valid only if has_no_errors()
  std::vector<std::vector<Diagnostic>> diagnostics;  ///< the diagnostics of each source
  bool have_objects = false;                         ///< whether any other object than pods is declared
};

/// Options of read_manifests().
struct ReadOptions {
  Leniency leniency = Leniency::Strict;
  /// The namespace of objects that do not set one; an object with another namespace is an error. Empty: "default".
  std::string namespace_name{};
  std::string root{};  ///< podrun's --root, below which its own directories are; empty: /
};

/// Reads every document of every source. Pods, and the pod templates of Deployment, ReplicaSet, StatefulSet, DaemonSet,
/// Job, CronJob and ReplicationController, become pods. ConfigMaps, Secrets, PersistentVolumeClaims and Services are
/// added to Pod::objects of the pods in their namespace. The items of a `kind: List` are read as documents. Other kinds
/// are skipped with a warning. Errors in addition to those of parse(): two objects have the same name, a reference leads
/// to an object that does not exist. Never throws.
Manifests read_manifests(const std::vector<ManifestSource>& sources, const ReadOptions& how);

/// Whether no diagnostic is an error.
bool has_no_errors(const Manifests& manifests);

}  // namespace podrun::pod
