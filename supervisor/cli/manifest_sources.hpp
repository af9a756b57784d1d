// What the command line names → texts → the pods in them.
#pragma once

#include <string>
#include <vector>

#include "pod/manifest/manifests.hpp"
#include "supervisor/cli/options.hpp"
#include "supervisor/core/command_error.hpp"

namespace podrun::supervisor {

/// The texts that operands name: files; folders, whose *.yaml, *.yml and *.json are read in the order of their names
/// (none that begins with a dot, as the kubelet does); "-", standard input. Reads no more of one than shows that it is
/// too long.
CommandResult<std::vector<pod::ManifestSource>> read_sources(const std::vector<std::string>& operands);

/// What is wanted of sources.
struct Selection {
  pod::ReadOptions read_options{};
  std::string pod{};  ///< --pod: only the one of this name (or NAMESPACE_NAME); empty: all
};

/// The selection of a command line: --lenient, --namespace, --root, --pod.
Selection selection_of(const Options& options);

/// A pod, and what messages call the text that it stands in.
struct SelectedPod {
  pod::Pod pod;
  std::string source;
};

/// The pods that are to run.
struct SelectedPods {
  std::vector<SelectedPod> pods;  ///< at least one
  std::string text;             ///< all sources as one, for a later supervisor
  std::string warnings;         ///< ready to be shown
};

/// A refusal holds every mistake of every source, or says that there is no such pod.
CommandResult<SelectedPods> select_pods(const std::vector<pod::ManifestSource>& sources, const Selection& selection);

/// The same where only one pod makes sense; of several it asks for --pod.
CommandResult<SelectedPods> select_pod(const std::vector<pod::ManifestSource>& sources, const Selection& selection);

/// The one pod that a command line names: read_sources() and select_pod().
CommandResult<SelectedPods> select_pod(const Options& options);

}  // namespace podrun::supervisor
