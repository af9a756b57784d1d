// Compiles a pod for this host.
#include "supervisor/state/load.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/foreseen_failures.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "pod/compile/compile_network.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/environment/downward.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/manifest/volume_use.hpp"
#include "pod/plan/step_predicates.hpp"
#include "pod/plan/verify.hpp"
#include "pod/text/paths.hpp"
#include "supervisor/state/network_setup.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {
namespace {

/// Resolves links as far as the path exists. A path that cannot be resolved is returned unchanged: the start reports
/// the error.
std::string without_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

pod::RunParameters parameters_of(const LoadRequest& request) {
  const std::string& own_uid = request.pod.metadata.uid;
  return {.uid = own_uid.empty() ? request.uid : own_uid,
          .storage = without_links(request.storage),
          .claims = without_links(request.claims)};
}

/// "volumeMounts[1]" for the volume mount at a path; "" if there is none.
std::string field_of_mount(const pod::Container& container, const std::string& path) {
  const auto is_here = [&](const pod::VolumeMount& mount) { return pod::clean_path(mount.mount_path) == path; };
  const auto mount = std::ranges::find_if(container.volume_mounts, is_here);
  return mount == container.volume_mounts.end()
             ? ""
             : fmt::format("volumeMounts[{}]", mount - container.volume_mounts.begin());
}

/// The field of a container that a mount, or the working directory, comes from.
std::string field_of_step(const pod::Container& container, const pod::ChildStep& step) {
  if (std::holds_alternative<pod::step::WorkingDirectory>(step)) return "workingDir";
  const std::string* const path = pod::mount_point(step);
  if (const std::string mount = field_of_mount(container, *path); !mount.empty()) return mount + ".mountPath";
  return pod::clean_path(container.termination_message_path) == *path ? "terminationMessagePath" : "image";
}

/// The field of a subPath that a host step opens.
std::string field_of_sub_path(const pod::Container& container, const pod::ContainerPlan& plan, std::size_t step) {
  const pod::Slot slot = std::get<pod::host::CloneTree>(plan.host[step]).to;
  for (const pod::ChildStep& child : plan.child)
    if (const auto* tree = std::get_if<pod::step::AttachTree>(&child); tree != nullptr && tree->tree == slot)
      return field_of_mount(container, tree->path) + ".subPath";
  return {};
}

/// Adds mistakes of the manifest, except those that are there. That the host gives pods no network is none of them.
void add_mistakes(LoadFailure& failure, std::vector<Error> mistakes) {
  for (Error& mistake : mistakes) {
    if (!pod::is_lack_of_network(mistake)) failure.status = ExitStatus::Invalid;
    const auto is_same = [&](const Error& known) {
      return known.message == mistake.message && known.field == mistake.field;
    };
    if (std::ranges::none_of(failure.errors, is_same)) failure.errors.push_back(std::move(mistake));
  }
}

}  // namespace

std::vector<Error> foreseen_errors(const pod::Pod& pod, const pod::PodPlan& plan) {
  std::vector<Error> errors;
  for (std::size_t i = 0; i < plan.containers.size(); ++i)
    for (const auto& [step, error, is_host_step] : ns::foreseen_failures(plan, i)) {
      const pod::Container& container = pod.spec.containers[i];
      const pod::ContainerPlan& its = plan.containers[i];
      const std::string reason = is_host_step ? pod::foreseen_sub_path_reason(its, step, error)
                                              : pod::foreseen_reason(its, step, error);
      const std::string field = is_host_step ? field_of_sub_path(container, its, step)
                                             : field_of_step(container, its.child[step]);
      errors.push_back({fmt::format("container {}: {}", container.name, reason), 0,
                        pod::field_of_container(pod.spec, i, field)});
    }
  return errors;
}

std::vector<ns::WritablePlace> writable_places(const pod::Pod& pod, const std::string& storage,
                                               const std::string& claims) {
  std::vector<ns::WritablePlace> places;
  for (const std::string& own : {storage, claims})
    if (!own.empty()) places.push_back({.path = without_links(own), .label = own + ", where the volumes of pods lie"});
  for (const pod::Volume& volume : pod.spec.volumes) {
    const auto* host = std::get_if<pod::HostPath>(&volume.source);
    const pod::VolumeUse use = pod::use_of(pod.spec, volume.name);
    if (host == nullptr || use == pod::VolumeUse::None || use == pod::VolumeUse::ReadOnly) continue;
    // The path needs no check for links that containers made: such a link is inside one of the other writable places,
    // for which the pod is refused.
    std::string path = ns::resolve_host_path(host->path, {}).value_or(host->path);
    const bool only_below = use == pod::VolumeUse::WritableBelow;
    if (path == "/" && !only_below) continue;  // write access to / is root access to the host, with or without links
    places.push_back({.path = std::move(path),
                      .label = fmt::format("hostPath {} (volume {})", host->path, volume.name),
                      .only_below = only_below});
  }
  return places;
}

Result<> resolve_host_paths(pod::Pod& pod, const HostPaths& known, const std::vector<ns::WritablePlace>& writable) {
  for (pod::Volume& volume : pod.spec.volumes) {
    auto* host = std::get_if<pod::HostPath>(&volume.source);
    if (host == nullptr) continue;
    const auto found = known.find(volume.name);
    auto resolved =
        found != known.end() ? Result<std::string>(found->second) : ns::resolve_host_path(host->path, writable);
    if (!resolved)
      return fail_at(fmt::format("spec.volumes[{}].hostPath.path", &volume - pod.spec.volumes.data()),
                     fmt::format("volume {}: hostPath {}: {}", volume.name, host->path, resolved.error().message),
                     ELOOP);
    host->path = std::move(*resolved);
  }
  return {};
}

pod::HostFacts read_facts_for(const pod::Pod& pod, const std::string& storage, const std::string& seccomp_profiles) {
  constexpr std::size_t longest_profile = 1 << 20;
  pod::HostFacts facts = ns::read_host_facts(storage);
  if (pod.spec.host_network || pod::asks_for_addresses(pod)) facts.addresses = ns::host_addresses();
  for (const std::string& path : pod::localhost_profiles(pod))
    if (auto text = ns::read_regular_file(seccomp_profiles + "/" + path, longest_profile))
      facts.seccomp_profiles.emplace(path, std::move(*text));
  return facts;
}

/// The network of a pod that is connected to the host: its facts, and for a start the numbers that are claimed.
Result<std::vector<ns::NumberClaim>> set_up_network(const LoadRequest& request, pod::HostFacts& facts,
                                                    pod::RunParameters& run_parameters) {
  if (!request.layout || !is_connected(request.pod)) return std::vector<ns::NumberClaim>{};
  facts.network = read_network_facts(*request.layout, TRY(read_network_config(*request.layout)));
  end_lap("network facts");
  if (!request.claims_numbers) return std::vector<ns::NumberClaim>{};
  return claim_numbers(request.pod, facts.network, run_parameters);
}

ImagePlaces image_places(const Layout& layout, const std::string& program_folder) {
  return {.roots = layout.image_roots(program_folder), .store = layout.image_store()};
}

/// As if the manifest said it.
void set_pull_policy(pod::Pod& pod, pod::PullPolicy policy) {
  for (pod::Container& container : pod.spec.containers) container.pull_policy = policy;
  for (pod::Volume& volume : pod.spec.volumes)
    if (auto* image = std::get_if<pod::ImageVolume>(&volume.source)) image->pull_policy = policy;
}

LoadRequest load_request(const Layout& layout, const std::string& program_folder) {
  return {.pod = {},
          .source = {},
          .uid = {},
          .storage = layout.storage(),
          .claims = layout.claims(),
          .image_places = image_places(layout, program_folder),
          .seccomp_profiles = layout.seccomp_profiles(),
          .images = std::nullopt,
          .host_paths = {},
          .layout = layout};
}

std::expected<pod::PodPlan, LoadFailure> compile_pod(const pod::Pod& pod, const pod::Images& images,
                                                     const pod::HostFacts& facts,
                                                     const pod::RunParameters& run_parameters) {
  auto plan = pod::compile(pod, images, facts, run_parameters);
  if (!plan) {
    LoadFailure failure{ExitStatus::CannotStart, {}};
    const bool is_missing_image = plan.error().number == ENOENT;
    if (!is_missing_image) add_mistakes(failure, {std::move(plan.error())});
    add_mistakes(failure, pod::host_errors(pod, images, facts, run_parameters));
    return std::unexpected(std::move(failure));
  }
  // What is wrong with a container that has no steps yet, as far as it shows without its image.
  if (!run_parameters.awaited_images.empty()) {
    LoadFailure failure{ExitStatus::CannotStart, {}};
    add_mistakes(failure, pod::host_errors(pod, images, facts, run_parameters));
    if (!failure.errors.empty()) return std::unexpected(std::move(failure));
  }
  if (const auto verified = pod::verify(*plan); !verified)
    return std::unexpected(LoadFailure{
        ExitStatus::Bug,
        {Error{"the plan violates an invariant, which is a bug in podrun: " + verified.error().message}}});
  return std::move(*plan);
}

std::expected<LoadedPod, LoadFailure> try_load(LoadRequest request) {
  pod::RunParameters run_parameters = parameters_of(request);
  pod::Pod& pod = request.pod;
  const auto writable = writable_places(pod, request.storage, request.claims);
  LoadFailure failure{ExitStatus::CannotStart, {}};
  if (auto resolved = resolve_host_paths(pod, request.host_paths, writable); !resolved)
    failure.errors.push_back(std::move(resolved.error()));
  if (request.pull_policy) set_pull_policy(pod, *request.pull_policy);
  ImageLookup found = request.images ? ImageLookup{.images = std::move(*request.images), .missing = {}}
                                     : find_images(pod, request.image_places, writable, request.fetching);
  end_lap("images");
  std::ranges::move(pod::image_errors(pod, found.missing), std::back_inserter(failure.errors));
  run_parameters.awaited_images = found.awaited;
  auto facts = read_facts_for(pod, request.storage, request.seccomp_profiles);
  end_lap("host facts");
  auto claims = set_up_network(request, facts, run_parameters);
  if (!claims) failure.errors.push_back(std::move(claims.error()));
  auto plan = compile_pod(pod, found.images, facts, run_parameters);
  if (!plan) {
    failure.status = plan.error().status;
    std::ranges::move(plan.error().errors, std::back_inserter(failure.errors));
  }
  if (!failure.errors.empty()) return std::unexpected(std::move(failure));
  end_lap("compile and verify");
  return LoadedPod{.pod = std::move(pod),
                   .facts = std::move(facts),
                   .plan = std::move(*plan),
                   .images = std::move(found.images),
                   .run_parameters = std::move(run_parameters),
                   .given = {},
                   .claims = std::move(*claims),
                   .image_locks = std::move(found.locks)};
}

LoadFailure failure_of_unsound(const LoadRequest& request) {
  const pod::Pod& pod = request.pod;
  const ImageLookup found = find_images(pod, request.image_places,
                                        writable_places(pod, request.storage, request.claims), request.fetching);
  LoadFailure failure{ExitStatus::Invalid, pod::image_errors(pod, found.missing)};
  const auto facts = read_facts_for(pod, request.storage, request.seccomp_profiles);
  add_mistakes(failure, pod::host_errors(pod, found.images, facts, parameters_of(request)));
  return failure;
}

CommandResult<LoadedPod> load(LoadRequest request) {
  const std::string source = request.source;
  auto loaded = try_load(std::move(request));
  if (loaded) return std::move(*loaded);
  CommandError command_error{loaded.error().status, ""};
  for (const Error& error : loaded.error().errors)
    command_error.text += fmt::format("podrun: {}: {}\n", source, error.message);
  return std::unexpected(std::move(command_error));
}

}  // namespace podrun::supervisor
