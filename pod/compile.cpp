// Pod + images + host facts → PodPlan.
#include "pod/compile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "pod/compile_files.hpp"
#include "pod/compile_mounts.hpp"
#include "pod/compile_process.hpp"
#include "pod/compile_security.hpp"
#include "pod/composition.hpp"
#include "pod/quote.hpp"

namespace podrun::pod {
namespace {

template <typename... Steps>
void append(std::vector<ChildStep>& to, Steps&&... steps) {
  (to.emplace_back(std::forward<Steps>(steps)), ...);
}
void append_all(std::vector<ChildStep>& to, std::vector<ChildStep> steps) {
  std::ranges::move(steps, std::back_inserter(to));
}

std::vector<SandboxStep> compile_sandbox(const Pod& pod) {
  constexpr std::uint64_t shared_memory = 64 << 20;
  // clang-format off
  return {sandbox::Unshare{.kinds = kinds_of(default_composition, NamespaceOwner::Pod)},
          sandbox::Root{},
          sandbox::SharedMemory{.bytes = shared_memory},
          sandbox::Loopback{},
          sandbox::Hostname{.name = hostname(pod)}};
  // clang-format on
}

/// From clone3(2) to execve(2). Why the order is what it is: verify.hpp.
std::vector<ChildStep> compile_child(const Container& container, const Identity& identity, Mounts mounts,
                                     std::string directory, const host::Stdio& stdio, step::Exec exec) {
  const Slot root = mounts.root;
  const auto shared = kinds_of(default_composition, NamespaceOwner::Pod);
  std::vector<ChildStep> child;
  // clang-format off
  append(child,
         step::ResetSignals{},
         step::NotDumpable{},
         step::NewSession{},
         step::EnterNamespaces{.pause = slot::pause, .kinds = shared},
         step::DetachOldRoot{.cells = slot::cells, .cell = container.name},
         step::AttachRoot{.cells = slot::cells, .root = root, .cell = container.name});
  append_all(child, std::move(mounts.child));
  if (container.security_context.read_only_root_filesystem) append(child, step::ReadOnlyRoot{.root = root});
  append(child,
         step::Chroot{.root = root},
         step::WorkingDirectory{.path = std::move(directory)},
         step::ConnectStdio{.out = stdio.out, .err = stdio.err});
  append_all(child, drop_privileges(container, identity));
  append(child,
         step::CloseDescriptors{},
         step::Gate{.gate = slot::gate},
         std::move(exec));
  // clang-format on
  return child;
}

Result<ContainerPlan> compile_container(const ContainerContext& context) {
  const auto& container = context.container;
  const auto identity = TRY(identify(container, context.image));
  auto exec = TRY(compile_exec(container, context.image, identity, hostname(context.pod)));
  auto directory = TRY(working_directory(container, context.image));

  Descriptors descriptors;
  auto mounts = TRY(compile_mounts(context, descriptors));
  const host::Stdio stdio{.out = descriptors.add("stdout"),
                          .err = descriptors.add("stderr"),
                          .uid = identity.uid,
                          .gid = identity.gid};
  mounts.host.emplace_back(stdio);

  ContainerPlan plan{.name = container.name, .image = container.image, .namespaces = default_composition};
  plan.descriptors = std::move(descriptors).take();
  plan.host = std::move(mounts.host);
  plan.child =
      compile_child(container, identity, std::move(mounts), std::move(directory), stdio, std::move(exec));
  return plan;
}

}  // namespace

std::set<std::string> image_references(const Pod& pod) {
  std::set<std::string> references;
  for (const auto& container : pod.spec.containers) references.insert(container.image);
  return references;
}

Result<PodPlan> compile(const Pod& pod, const Images& images, const HostFacts& facts,
                        const Placement& placement) {
  PodPlan plan{.id = pod_id(pod.metadata),
               .name = pod.metadata.name,
               .uid = placement.uid,
               .restart_policy = pod.spec.restart_policy,
               .grace_seconds = pod.spec.termination_grace_period_seconds,
               .backoff = backoff_of(pod.metadata),
               .storage = fmt::format("{}/{}", placement.storage, placement.uid)};
  plan.files = compile_files(pod, facts, plan.storage);
  plan.sandbox = compile_sandbox(pod);
  for (const auto& container : pod.spec.containers) {
    const auto image = images.find(container.image);
    if (image == images.end())
      return fail(
          fmt::format("container {}: image {} was not found", container.name, escaped(container.image)));
    plan.containers.push_back(TRY(compile_container({.pod = pod,
                                                     .container = container,
                                                     .image = image->second,
                                                     .facts = facts,
                                                     .storage = plan.storage})));
  }
  return plan;
}

}  // namespace podrun::pod
