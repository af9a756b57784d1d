// Compiles a Pod to a PodPlan.
#include "pod/compile/compile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "pod/annotations/composition.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/compile/awaited_images.hpp"
#include "pod/compile/compile_files.hpp"
#include "pod/compile/host_errors.hpp"
#include "pod/compile/compile_host_names.hpp"
#include "pod/compile/compile_mounts.hpp"
#include "pod/compile/compile_namespaces.hpp"
#include "pod/compile/compile_network.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/compile/compile_streams.hpp"
#include "pod/compile/compile_volumes.hpp"
#include "pod/compile/image_volumes.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

template <typename... Steps>
void append(std::vector<ChildStep>& to, Steps&&... steps) {
  (to.emplace_back(std::forward<Steps>(steps)), ...);
}
void append_all(std::vector<ChildStep>& to, std::vector<ChildStep> steps) {
  std::ranges::move(steps, std::back_inserter(to));
}

std::vector<SandboxStep> compile_sandbox(const Pod& pod, const HostFacts& facts,
                                         const std::vector<ContainerComposition>& composed) {
  constexpr std::uint64_t shared_memory = 64 << 20;
  const NamespaceSet held = kinds_of_pause(composed), of_init = kinds_of_init(composed);
  const auto holds = [&](NamespaceKind kind) { return std::ranges::find(held, kind) != held.end(); };
  std::vector<SandboxStep> steps{sandbox::Unshare{.kinds = held}, sandbox::Root{}};
  if (holds(NamespaceKind::Ipc)) steps.emplace_back(sandbox::SharedMemory{.bytes = shared_memory});
  for (std::size_t i = 0; i < composed.size(); ++i)
    if (source_of(composed[i].namespaces, NamespaceKind::Ipc).owner == NamespaceOwner::Private)
      steps.emplace_back(
          sandbox::SharedMemory{.bytes = shared_memory, .container = pod.spec.containers[i].name});
  if (holds(NamespaceKind::Net)) steps.emplace_back(sandbox::Loopback{});
  if (holds(NamespaceKind::Uts)) steps.emplace_back(sandbox::Hostname{.name = hostname(pod, facts)});
  for (const auto& [name, value] : pod.spec.security_context.sysctls)
    steps.emplace_back(sandbox::Sysctl{.name = name, .value = value});
  if (!of_init.empty()) steps.emplace_back(sandbox::Init{.kinds = of_init});
  return steps;
}

/// The steps for a container with its own root, which is mounted in the pod's or in a private mount namespace, up to the
/// working directory: a missing one is made before the root becomes read-only, as container runtimes do. Until then
/// nothing of the image runs.
std::vector<ChildStep> compile_root(const ContainerContext& context, Mounts mounts, std::string directory) {
  const Slot root = mounts.root;
  const bool own = source_of(context.namespaces(), NamespaceKind::Mnt).owner == NamespaceOwner::Private;
  std::vector<ChildStep> child;
  if (own)
    append(child, step::AttachOwnRoot{.root = root});
  else
    append(child,
           step::SetAsideOldRoot{
               .cells = slot::cells, .cell = context.container.name, .aside = "." + context.container.name},
           step::AttachRoot{.cells = slot::cells, .root = root, .cell = context.container.name});
  append_all(child, std::move(mounts.child));
  if (own)
    append(child, step::PivotRoot{.root = root});
  else
    append(child, step::Chroot{.root = root});
  append(child, step::WorkingDirectory{.path = std::move(directory)});
  if (context.container.security_context.read_only_root_filesystem) append(child, step::ReadOnlyRoot{.root = root});
  return child;
}

/// The mounts of a container and the change of root: its own root, or the root of the host or of another container.
Result<Mounts> compile_view(const ContainerContext& context, Descriptors& descriptors, std::string directory) {
  const NamespaceSource mounts = source_of(context.namespaces(), NamespaceKind::Mnt);
  if (mounts.owner == NamespaceOwner::Pod || mounts.owner == NamespaceOwner::Private) {
    auto own = TRY(compile_mounts(context, descriptors));
    const Slot root = own.root;
    auto host = std::move(own.host);
    return Mounts{.root = root,
                  .host = std::move(host),
                  .child = compile_root(context, std::move(own), std::move(directory))};
  }
  const bool of_host = mounts.owner == NamespaceOwner::Host;
  const Slot root = descriptors.add("root");
  return Mounts{.root = root,
                .host = {host::OpenRoot{
                    .to = root, .container = of_host ? "" : context.pod.spec.containers[mounts.container].name}},
                .child = {step::Chroot{.root = root}, step::WorkingDirectory{.path = std::move(directory)}}};
}

/// The steps from clone3(2) to execve(2). verify.hpp explains their order.
std::vector<ChildStep> compile_child(const ContainerContext& context, const Identity& identity,
                                     std::vector<ChildStep> entrance, std::vector<ChildStep> view,
                                     std::vector<ChildStep> streams, step::ResourceLimits limits, Filters filters,
                                     step::Exec exec) {
  std::vector<ChildStep> child;
  // clang-format off
  append(child,
         step::ResetSignals{},
         step::NotDumpable{},
         step::NewSession{},
         step::ResetOomScore{});
  append_all(child, std::move(entrance));
  append_all(child, std::move(view));
  append_all(child, std::move(streams));
  append(child, std::move(limits));
  append_all(child, drop_privileges(context.container, identity, context.facts, filters));
  append(child, step::CloseDescriptors{});
  append_all(child, std::move(filters.last));
  append(child,
         step::Gate{.gate = slot::gate},
         std::move(exec));
  // clang-format on
  return child;
}

Result<ContainerPlan> compile_container(const ContainerContext& context) {
  const auto& container = context.container;
  const auto identity = TRY(identify(container, context.image, context.pod.spec.security_context));
  auto exec =
      TRY(compile_exec(container, context.image, identity, hostname(context.pod, context.facts), context.variables));
  auto directory = TRY(working_directory(container, context.image));
  const int stop_signal = TRY(stop_signal_of(container, context.image));
  if (auto errors = capability_errors(container, context.facts); !errors.empty())
    return std::unexpected(std::move(errors.front()));
  auto filters = TRY(compile_filters(container, context.namespaces(), context.facts));
  auto limits = limits_of(context.pod, context.index, context.facts);

  Descriptors descriptors;
  auto view = TRY(compile_view(context, descriptors, std::move(directory)));
  auto entrance = compile_namespace_steps(context, descriptors);
  auto streams = compile_streams(container, identity, view.child, descriptors);

  ContainerPlan plan{.name = container.name,
                     .role = container.role,
                     .restart_policy = container.restart_policy,
                     .restart_rules = container.restart_rules,
                     .probes = compile_probes(container),
                     .hooks = container.hooks,
                     .stop_signal = stop_signal,
                     .image = container.image,
                     .image_id = context.image.id,
                     .namespaces = context.namespaces(),
                     .remarks = context.composed[context.index].remarks,
                     .pid_namespace = entrance.pid_namespace,
                     .message_policy = container.termination_message_policy};
  std::ranges::move(config_volumes(context).remarks, std::back_inserter(plan.remarks));
  if (!limits.bounded.empty()) plan.remarks.push_back(std::move(limits.bounded));
  plan.descriptors = std::move(descriptors).take();
  plan.host = std::move(view.host);
  std::ranges::move(entrance.host, std::back_inserter(plan.host));
  std::ranges::move(streams.host, std::back_inserter(plan.host));
  plan.child = compile_child(context, identity, std::move(entrance.child), std::move(view.child),
                             std::move(streams.child), {.limits = std::move(limits.set)}, std::move(filters),
                             std::move(exec));
  return plan;
}

std::string storage_of(const RunParameters& run_parameters) {
  return fmt::format("{}/{}", run_parameters.storage, run_parameters.uid);
}

/// Compiles the container at an index of a pod whose namespaces are composed. The field of an error is the container's.
Result<ContainerPlan> compile_container_at(const Pod& pod, std::size_t index, const Images& images,
                                           const HostFacts& facts, const RunParameters& run_parameters,
                                           const std::vector<ContainerComposition>& composed) {
  const Container container = with_inherited_security(pod, pod.spec.containers[index]);
  const Addresses addresses = pod_addresses(pod, composed, index, facts, run_parameters);
  const auto variables =
      TRY(declared_variables(pod, container, run_parameters.uid, facts, run_parameters.env_files, addresses));
  if (awaits_image(pod, container, images, run_parameters)) return plan_without_image(container, composed[index]);
  const auto image = images.find(container.image);
  if (image == images.end())
    return fail_at("image",
                   fmt::format("container {}: image {} was not found", container.name, escaped(container.image)),
                   ENOENT);
  return compile_container({.pod = pod,
                            .container = container,
                            .image = image->second,
                            .images = images,
                            .facts = facts,
                            .run_parameters = run_parameters,
                            .storage = storage_of(run_parameters),
                            .uid = run_parameters.uid,
                            .variables = variables,
                            .composed = composed,
                            .index = index});
}

/// As compile_container_at(). The field of an error is the manifest's.
Result<ContainerPlan> compile_at(const Pod& pod, std::size_t index, const Images& images, const HostFacts& facts,
                                 const RunParameters& run_parameters,
                                 const std::vector<ContainerComposition>& composed) {
  auto plan = compile_container_at(pod, index, images, facts, run_parameters, composed);
  if (!plan) plan.error().field = field_of_container(pod.spec, index, plan.error().field);
  return plan;
}

}  // namespace

Result<PodPlan> compile(const Pod& pod, const Images& images, const HostFacts& facts,
                        const RunParameters& run_parameters) {
  PodPlan plan;
  plan.id = pod_id(pod.metadata);
  plan.name = pod.metadata.name;
  plan.uid = run_parameters.uid;
  plan.restart_policy = pod.spec.restart_policy;
  plan.grace_seconds = pod.spec.termination_grace_period_seconds;
  plan.active_deadline_seconds = pod.spec.active_deadline_seconds;
  plan.backoff = backoff_of(pod.metadata);
  plan.storage = storage_of(run_parameters);
  std::vector<CompositionError> errors;
  const std::vector<ContainerComposition> composed = compose(pod, errors);
  if (!errors.empty()) return fail(fmt::format("{}: {}", errors.front().where, errors.front().message));
  TRY_VOID(check_hostname(pod, facts));
  if (auto sysctls = check_sysctls(pod); !sysctls)
    return fail_at("spec.securityContext.sysctls", std::move(sysctls.error().message));
  VolumeSteps volumes = TRY(compile_volumes(pod, facts, run_parameters));
  plan.files = compile_files(pod, composed, facts, run_parameters, plan.storage, std::move(volumes.files));
  plan.sandbox = compile_sandbox(pod, facts, composed);
  plan.memory = std::move(volumes.memory);
  plan.networks = TRY(compile_networks(pod, composed, facts, run_parameters));
  for (std::size_t index = 0; index < pod.spec.containers.size(); ++index)
    plan.containers.push_back(TRY(compile_at(pod, index, images, facts, run_parameters, composed)));
  return plan;
}

Result<ContainerPlan> compile_one(const Pod& pod, std::size_t container, const Images& images, const HostFacts& facts,
                                  const RunParameters& run_parameters) {
  std::vector<CompositionError> errors;
  const std::vector<ContainerComposition> composed = compose(pod, errors);
  if (!errors.empty()) return fail(fmt::format("{}: {}", errors.front().where, errors.front().message));
  return compile_at(pod, container, images, facts, run_parameters, composed);
}

Result<ContainerPlan> compile_stand_in(const Pod& pod, std::size_t container, const Image& image,
                                       std::vector<std::string> argv, const HostFacts& facts,
                                       const RunParameters& run_parameters) {
  std::vector<CompositionError> errors;
  std::vector<ContainerComposition> composed = compose(pod, errors);
  if (!errors.empty()) return fail(fmt::format("{}: {}", errors.front().where, errors.front().message));
  composed[container].namespaces[static_cast<std::size_t>(NamespaceKind::Mnt)] = {.owner = NamespaceOwner::Private};
  Container stand_in;
  stand_in.name = pod.spec.containers[container].name;
  stand_in.image = image.reference;
  stand_in.command = std::move(argv);
  stand_in.termination_message_path.clear();  // the message would not be read
  return compile_container({.pod = pod,
                            .container = with_inherited_security(pod, std::move(stand_in)),
                            .image = image,
                            .images = {},
                            .facts = facts,
                            .run_parameters = run_parameters,
                            .storage = storage_of(run_parameters),
                            .uid = run_parameters.uid,
                            .variables = {},
                            .composed = composed,
                            .index = container});
}

}  // namespace podrun::pod
