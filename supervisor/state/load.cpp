// Compiles a pod for this host.
#include "supervisor/state/load.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/image_store.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/environment/downward.hpp"
#include "pod/manifest/volume_use.hpp"
#include "pod/plan/verify.hpp"
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

/// Adds mistakes of the manifest, except those that are there.
void add_mistakes(LoadFailure& failure, std::vector<Error> mistakes) {
  for (Error& mistake : mistakes) {
    failure.status = ExitStatus::Invalid;
    const auto is_same = [&](const Error& known) {
      return known.message == mistake.message && known.field == mistake.field;
    };
    if (std::ranges::none_of(failure.errors, is_same)) failure.errors.push_back(std::move(mistake));
  }
}

}  // namespace

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

namespace {

/// Whether an image of the store is missing, rather than a directory that the manifest names.
bool is_missing(const std::string& reference, const Error& error) {
  return error.number == ENOENT && !reference.starts_with("rootfs:");
}

Result<pod::Image> look_up(const std::string& reference, const std::vector<std::string>& roots,
                           const std::vector<ns::WritablePlace>& writable) {
  auto image = TRY(ns::find_image(reference, roots));
  std::error_code error;
  auto rootfs = ns::resolve_host_path(std::filesystem::absolute(image.rootfs, error).string(), writable);
  if (!rootfs) return fail(fmt::format("image {}: {}", reference, rootfs.error().message), rootfs.error().number);
  image.rootfs = std::move(*rootfs);
  return image;
}

}  // namespace

Result<pod::Image> find_image(const std::string& reference, const std::vector<std::string>& roots,
                              const std::vector<ns::WritablePlace>& writable) {
  auto image = look_up(reference, roots, writable);
  if (!image && is_missing(reference, image.error())) image.error().message += ns::image_hint(reference, roots);
  return image;
}

ImageLookup find_images(const pod::Pod& pod, const std::vector<std::string>& roots,
                        const std::vector<ns::WritablePlace>& writable) {
  ImageLookup found;
  std::string missing;  // the last one
  for (const std::string& reference : pod::image_references(pod)) {
    auto image = look_up(reference, roots, writable);
    if (!image && is_missing(reference, image.error())) missing = reference;
    if (image)
      found.images.emplace(reference, std::move(*image));
    else
      found.missing.emplace(reference, std::move(image.error()));
  }
  // What there is instead is said once.
  if (!missing.empty()) found.missing.at(missing).message += ns::image_hint(missing, roots);
  return found;
}

pod::HostFacts read_facts_for(const pod::Pod& pod, const std::string& storage, const std::string& seccomp_profiles) {
  constexpr std::size_t longest_profile = 1 << 20;
  pod::HostFacts facts = ns::read_host_facts(storage);
  if (pod::asks_for_addresses(pod)) facts.addresses = ns::host_addresses();
  for (const std::string& path : pod::localhost_profiles(pod))
    if (auto text = ns::read_regular_file(seccomp_profiles + "/" + path, longest_profile))
      facts.seccomp_profiles.emplace(path, std::move(*text));
  return facts;
}

LoadRequest load_request(const Layout& layout, const std::string& program_folder) {
  return {.pod = {},
          .source = {},
          .uid = {},
          .storage = layout.storage(),
          .claims = layout.claims(),
          .image_roots = layout.image_roots(program_folder),
          .seccomp_profiles = layout.seccomp_profiles()};
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
  auto [images, missing] =
      request.images ? ImageLookup{std::move(*request.images), {}} : find_images(pod, request.image_roots, writable);
  end_lap("images");
  std::ranges::move(pod::image_errors(pod, missing), std::back_inserter(failure.errors));
  auto facts = read_facts_for(pod, request.storage, request.seccomp_profiles);
  end_lap("host facts");
  auto plan = compile_pod(pod, images, facts, run_parameters);
  if (!plan) {
    failure.status = plan.error().status;
    std::ranges::move(plan.error().errors, std::back_inserter(failure.errors));
  }
  if (!failure.errors.empty()) return std::unexpected(std::move(failure));
  end_lap("compile and verify");
  return LoadedPod{.pod = std::move(pod),
                   .facts = std::move(facts),
                   .plan = std::move(*plan),
                   .images = std::move(images),
                   .run_parameters = std::move(run_parameters)};
}

LoadFailure failure_of_unsound(const LoadRequest& request) {
  const pod::Pod& pod = request.pod;
  const auto [images, missing] =
      find_images(pod, request.image_roots, writable_places(pod, request.storage, request.claims));
  LoadFailure failure{ExitStatus::Invalid, pod::image_errors(pod, missing)};
  const auto facts = read_facts_for(pod, request.storage, request.seccomp_profiles);
  add_mistakes(failure, pod::host_errors(pod, images, facts, parameters_of(request)));
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
