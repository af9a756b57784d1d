// Reads the manifests that a command line names, and selects pods.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pod/manifest/manifests.hpp"
#include "supervisor/cli/options.hpp"
#include "supervisor/core/command_error.hpp"

namespace podrun::supervisor {

/// Reads the texts that operands name: files; folders, whose *.yaml, *.yml and *.json are read in the order of their
/// names (except those that begin with a dot, as the kubelet does); "-", standard input. A text that is too long is not
/// read further than needed to detect that.
CommandResult<std::vector<pod::ManifestSource>> read_sources(const std::vector<std::string>& operands);

/// The pods to select, and how to read manifests.
struct Selection {
  pod::ReadOptions read_options{};
  std::string pod{};  ///< --pod: only the pod of this name (or NAMESPACE_NAME); empty: all
};

/// The selection of a command line: --lenient, --namespace, --root, --pod.
Selection selection_of(const Options& options);

/// A pod, and the name of its source in messages.
struct SelectedPod {
  pod::Pod pod;
  std::string source;
};

/// The selected pods.
struct SelectedPods {
  std::vector<SelectedPod> pods;  ///< at least one
  std::string warnings;         ///< warnings, formatted for stderr
};

/// Whether the selection includes a pod.
bool is_selected(const pod::Pod& pod, const Selection& selection);

/// The indexes of the selected pods, at least one. Errors: there is none; there are several and `only_one` is wanted.
CommandResult<std::vector<std::size_t>> select_among(const std::vector<pod::ManifestSource>& sources,
                                                     const pod::Manifests& manifests, const Selection& selection,
                                                     bool only_one);

/// The errors and warnings of all sources, formatted for stderr.
std::string shown_diagnostics(const std::vector<pod::ManifestSource>& sources, const pod::Manifests& manifests);

/// Parses the sources and selects pods, without a look at this host. The error contains all mistakes of all sources, or
/// says that there is no such pod.
CommandResult<SelectedPods> select_pods(const std::vector<pod::ManifestSource>& sources, const Selection& selection,
                                        bool only_one = false);

/// The same for one pod; if there are several, the error asks for --pod.
CommandResult<SelectedPods> select_pod(const std::vector<pod::ManifestSource>& sources, const Selection& selection);

}  // namespace podrun::supervisor
