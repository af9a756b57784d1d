// What a container sees: its root, the kernel's file systems, the pod's files and its volumes, in order.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pod/annotations/composition.hpp"
#include "pod/compile/compile.hpp"
#include "pod/environment/environment.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// One container and what its plan depends on.
struct ContainerContext {
  const Pod& pod;
  const Container& container;
  const Image& image;
  const Images& images;  ///< those of the pod's image volumes are among them
  const HostFacts& facts;
  const RunParameters& run_parameters;
  std::string_view storage;  ///< the pod's own directory
  std::string_view uid;      ///< the pod's
  const DeclaredVariables& variables;
  const std::vector<ContainerComposition>& composed;  ///< of every container of the pod
  std::size_t index;                      ///< of this one

  const Composition& namespaces() const { return composed[index].namespaces; }
};

/// Gives out the slots of a container's plan.
class Descriptors {
 public:
  Descriptors() : names_(slot::names.begin(), slot::names.end()) {}

  /// A new slot; a name that is taken gets a number, so that no two read alike.
  Slot add(std::string_view name) {
    std::string unique{name};
    for (int i = 2; std::ranges::find(names_, unique) != names_.end(); ++i)
      unique = fmt::format("{}#{}", name, i);
    names_.push_back(std::move(unique));
    return static_cast<Slot>(names_.size() - 1);
  }
  std::vector<std::string> take() && { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

/// The mounts of a container, on both sides of the clone.
struct Mounts {
  Slot root;
  std::vector<HostStep> host;    ///< provides `root` and the trees
  std::vector<ChildStep> child;  ///< everything mounted in the root, parents before children
};

/// Where, among the cells, the shared memory of a container is whose IPC namespace is private.
std::string own_shared_memory(std::string_view container);

/// Errors: an unknown volume, a mountPath (or terminationMessagePath) that is relative, taken twice, or would uncover
/// what is hidden.
Result<Mounts> compile_mounts(const ContainerContext& context, Descriptors& descriptors);

}  // namespace podrun::pod
