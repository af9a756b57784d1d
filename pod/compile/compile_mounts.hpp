// Compiles the mounts of a container: its root, the kernel's file systems, the pod's files and volumes, in their order.
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

/// A container and everything on which its plan depends.
struct ContainerContext {
  const Pod& pod;
  const Container& container;
  const Image& image;
  const Images& images;  ///< also has the images of image volumes
  const HostFacts& facts;
  const RunParameters& run_parameters;
  std::string_view storage;  ///< the pod's directory
  std::string_view uid;      ///< the pod's UID
  const DeclaredVariables& variables;
  const std::vector<ContainerComposition>& composed;  ///< compositions of all containers of the pod
  std::size_t index;                                  ///< index of this container

  const Composition& namespaces() const { return composed[index].namespaces; }
};

/// Assigns the slots of a container's plan.
class Descriptors {
 public:
  Descriptors() : names_(slot::names.begin(), slot::names.end()) {}

  /// Adds a slot. A name that is taken gets a number, so that names are unique.
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

/// The steps for the mounts of a container.
struct Mounts {
  Slot root;
  std::vector<HostStep> host;    ///< steps that provide `root` and the trees
  std::vector<ChildStep> child;  ///< mounts in the root, parents before children
};

/// The path, relative to the cells, of the shared memory of a container with a private IPC namespace.
std::string own_shared_memory(std::string_view container);

/// Compiles the mounts. Errors: a volume does not exist; a mountPath or terminationMessagePath is relative, is used
/// twice, or would uncover a masked path.
Result<Mounts> compile_mounts(const ContainerContext& context, Descriptors& descriptors);

/// All errors of the mounts. The fields are the container's.
std::vector<Error> mount_errors(const ContainerContext& context);

}  // namespace podrun::pod
