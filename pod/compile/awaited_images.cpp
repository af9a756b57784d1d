// Containers whose images are fetched before they start.
#include "pod/compile/awaited_images.hpp"

#include <algorithm>
#include <variant>

#include "pod/compile/compile_mounts.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/spec/signals.hpp"

namespace podrun::pod {

std::set<std::string> image_references(const Pod& pod) {
  std::set<std::string> references;
  for (const auto& container : pod.spec.containers) references.insert(container.image);
  for (const auto& volume : pod.spec.volumes)
    if (const auto* image = std::get_if<ImageVolume>(&volume.source)) references.insert(image->reference);
  return references;
}

std::vector<std::string> image_references(const Pod& pod, const Container& container) {
  std::vector<std::string> references{container.image};
  for (const auto& volume : pod.spec.volumes) {
    const auto* image = std::get_if<ImageVolume>(&volume.source);
    const auto is_it = [&](const VolumeMount& mount) { return mount.name == volume.name; };
    if (image != nullptr && std::ranges::any_of(container.volume_mounts, is_it)) references.push_back(image->reference);
  }
  return references;
}

ContainerPlan plan_without_image(const Container& container, const ContainerComposition& composed) {
  ContainerPlan plan{.name = container.name,
                     .role = container.role,
                     .restart_policy = container.restart_policy,
                     .restart_rules = container.restart_rules,
                     .probes = compile_probes(container),
                     .hooks = container.hooks,
                     .stop_signal = container.stop_signal.value_or(default_stop_signal),
                     .image = container.image,
                     .awaits_image = true,
                     .namespaces = composed.namespaces,
                     .remarks = composed.remarks,
                     .message_policy = container.termination_message_policy};
  plan.descriptors = Descriptors().take();
  return plan;
}

bool awaits_image(const Pod& pod, const Container& container, const Images& images,
                  const RunParameters& run_parameters) {
  return std::ranges::any_of(image_references(pod, container), [&](const std::string& reference) {
    return !images.contains(reference) && run_parameters.awaited_images.contains(reference);
  });
}

}  // namespace podrun::pod
