// Compiles the steps by which a container enters its namespaces.
#include "pod/compile/compile_namespaces.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "pod/compile/compile_files.hpp"
#include "pod/compile/compile_host_names.hpp"
#include "pod/compile/compile_network.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod {
namespace {

/// The kinds whose pod namespace is used by a container and is held by the pause, or else by the init.
NamespaceSet used_kinds(const std::vector<ContainerComposition>& composed, bool held_by_pause) {
  NamespaceSet kinds;
  for (std::size_t i = 0; i < namespace_kinds; ++i) {
    const auto kind = static_cast<NamespaceKind>(i);
    const bool used = std::ranges::any_of(composed, [&](const ContainerComposition& each) {
      return source_of(each.namespaces, kind).owner == NamespaceOwner::Pod;
    });
    if ((used || kind == NamespaceKind::Mnt) && is_held_by_pause(kind) == held_by_pause) kinds.push_back(kind);
  }
  return kinds;
}

/// Builds the steps of one container.
class NamespaceStepBuilder {
 public:
  NamespaceStepBuilder(const ContainerContext& context, Descriptors& descriptors)
      : context_(context), descriptors_(descriptors) {}

  NamespaceSteps take() && {
    enter_pod_namespaces();
    for (std::size_t i = 0; i < namespace_kinds; ++i) enter(static_cast<NamespaceKind>(i), context_.namespaces()[i]);
    if (owns_mounts()) made_.child.emplace_back(step::OwnMounts{.cells = slot::cells});
    return std::move(made_);
  }

 private:
  bool owns_mounts() const {
    return source_of(context_.namespaces(), NamespaceKind::Mnt).owner == NamespaceOwner::Private;
  }

  /// Enters the pod's namespaces: those of the pause and those of the init with one call each. A private mount
  /// namespace starts as a copy of the pod's.
  void enter_pod_namespaces() {
    NamespaceSet of_pause, of_init;
    for (const NamespaceKind kind : kinds_of(context_.namespaces(), NamespaceOwner::Pod))
      (is_held_by_pause(kind) ? of_pause : of_init).push_back(kind);
    if (owns_mounts()) of_pause.insert(of_pause.begin(), NamespaceKind::Mnt);
    if (!of_init.empty()) {
      const Slot init = descriptors_.add("init");
      made_.host.emplace_back(host::OpenInit{.to = init});
      if (std::erase(of_init, NamespaceKind::Pid) != 0) made_.pid_namespace = init;
      if (!of_init.empty()) made_.child.emplace_back(step::EnterNamespaces{.of = init, .kinds = of_init});
    }
    if (!of_pause.empty())
      made_.child.emplace_back(step::EnterNamespaces{.of = slot::pause, .kinds = std::move(of_pause)});
  }

  void enter(NamespaceKind kind, NamespaceSource source) {
    switch (source.owner) {
      case NamespaceOwner::Pod:
      case NamespaceOwner::Host: return;
      case NamespaceOwner::Private:
        if (kind != NamespaceKind::Mnt && kind != NamespaceKind::Pid) enter_private_namespace(kind, context_.index);
        return;
      case NamespaceOwner::Container:
        if (!needs_living_owner(kind)) enter_private_namespace(kind, source.container);
        else enter_living(kind, source.container);
        return;
    }
  }

  /// Whether others use the namespace, too: containers that join it, or the steps that connect it to the host.
  bool is_shared(NamespaceKind kind, std::size_t owner) const {
    const NamespaceSource its{.owner = NamespaceOwner::Container, .container = static_cast<std::uint16_t>(owner)};
    const bool is_joined = std::ranges::any_of(context_.composed, [&](const ContainerComposition& other) {
      return source_of(other.namespaces, kind) == its;
    });
    if (is_joined || kind != NamespaceKind::Net) return is_joined;
    const auto connected = connected_networks(context_.pod, context_.composed, context_.facts);
    return std::ranges::find(connected, name(owner), &NetworkChoice::container) != connected.end();
  }

  /// Enters a namespace that the same step makes in its owner and in containers that join it. A held namespace is made
  /// by the container that starts first, or when it is connected.
  void enter_private_namespace(NamespaceKind kind, std::size_t owner) {
    const bool held = !needs_living_owner(kind) && is_shared(kind, owner);
    const Slot to = descriptors_.add(name_of(kind));
    made_.host.emplace_back(host::MakeNamespace{
        .to = to,
        .kind = kind,
        .container = name(owner),
        .held = held,
        .hostname = kind == NamespaceKind::Uts ? hostname(context_.pod, context_.facts) : "",
        .offsets = kind == NamespaceKind::Time ? context_.composed[owner].offsets : ClockOffsets{}});
    made_.child.emplace_back(step::EnterNamespaces{.of = to, .kinds = {kind}});
  }

  void enter_living(NamespaceKind kind, std::size_t owner) {
    const Slot process = process_of(owner);
    if (kind == NamespaceKind::Pid) made_.pid_namespace = process;
    else made_.child.emplace_back(step::EnterNamespaces{.of = process, .kinds = {kind}});
  }

  Slot process_of(std::size_t owner) {
    for (const HostStep& step : made_.host)
      if (const auto* open = std::get_if<host::OpenProcess>(&step); open && open->container == name(owner))
        return open->to;
    const Slot to = descriptors_.add(fmt::format("process of {}", name(owner)));
    made_.host.emplace_back(host::OpenProcess{.to = to, .container = name(owner)});
    return to;
  }

  const std::string& name(std::size_t container) const { return context_.pod.spec.containers[container].name; }

  const ContainerContext& context_;
  Descriptors& descriptors_;
  NamespaceSteps made_;
};

}  // namespace

NamespaceSteps compile_namespace_steps(const ContainerContext& context, Descriptors& descriptors) {
  return NamespaceStepBuilder(context, descriptors).take();
}

NamespaceSet kinds_of_pause(const std::vector<ContainerComposition>& composed) { return used_kinds(composed, true); }
NamespaceSet kinds_of_init(const std::vector<ContainerComposition>& composed) { return used_kinds(composed, false); }

}  // namespace podrun::pod
