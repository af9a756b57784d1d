// From manifests to compiled pods, with one report of all mistakes: those of the text and those that this host shows.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pod/manifest/manifests.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// Compiled pods.
struct LoadedPods {
  std::vector<LoadedPod> pods;  ///< at least one
  std::string warnings;         ///< warnings, formatted for stderr
};

/// How pods are loaded.
struct PodsRequest {
  Selection selection{};
  LoadRequest common;                               ///< the directories; the rest is filled in for each pod
  std::function<std::string(const pod::Pod&)> uid;  ///< the uid of a pod without metadata.uid
  bool only_one = false;                            ///< several pods are an error that asks for --pod
};

/// Reads, selects and compiles the pods of some manifests. The error contains all mistakes of all sources, also those
/// that are found when the selected pods are compiled, each with its place in the text.
CommandResult<LoadedPods> load_pods(const std::vector<pod::ManifestSource>& sources, const PodsRequest& request);

/// Adds the errors of a pod to the diagnostics of its source. Errors that may be only consequences of known ones are
/// left out.
void add_diagnostics(pod::Manifests& manifests, const std::vector<pod::ManifestSource>& sources,
                     const pod::ParsedPod& pod, const std::vector<Error>& errors,
                     pod::Severity severity = pod::Severity::Error);

}  // namespace podrun::supervisor
