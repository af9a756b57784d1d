// Collects the errors of a pod on this host.
#include "pod/compile/host_errors.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "pod/annotations/composition.hpp"
#include "pod/compile/compile_host_names.hpp"
#include "pod/compile/compile_mounts.hpp"
#include "pod/compile/compile_network.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/compile/compile_volumes.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod {
namespace {

/// Collects errors, each once.
class Errors {
 public:
  void add(Error error) {
    const auto is_same = [&](const Error& other) {
      return other.message == error.message && other.field == error.field;
    };
    if (std::ranges::none_of(errors_, is_same)) errors_.push_back(std::move(error));
  }
  template <typename T>
  void add(Result<T> result) {
    if (!result) add(std::move(result.error()));
  }
  void add_all(std::vector<Error> errors) {
    for (Error& error : errors) add(std::move(error));
  }
  bool has(std::string_view prefix) const {
    return std::ranges::any_of(errors_, [&](const Error& error) { return error.field.starts_with(prefix); });
  }
  std::vector<Error> take() && { return std::move(errors_); }

 private:
  std::vector<Error> errors_;
};

/// What the image of a container does not provide.
std::vector<Error> errors_with_image(const Pod& pod, const Container& container, const Image& image,
                                     const HostFacts& facts, const Result<DeclaredVariables>& variables) {
  Errors errors;
  const auto identity = identify(container, image, pod.spec.security_context);
  errors.add(identity);
  errors.add(working_directory(container, image));
  errors.add(stop_signal_of(container, image));
  if (variables)
    errors.add(compile_exec(container, image, identity.value_or(Identity{}), hostname(pod, facts), *variables));
  return std::move(errors).take();
}

/// What is wrong with user and groups whatever the image is. Without runAsUser the user may be that of the image.
Result<Identity> identify_without_image(Container container, const PodSecurityContext& pod) {
  if (!container.security_context.run_as_user) container.security_context.run_as_non_root.reset();
  return identify(container, Image{}, pod);
}

/// The errors of the mounts of a container, with or without its image.
std::vector<Error> errors_of_mounts(const Pod& pod, std::size_t index, Container container, const Images& images,
                                    const HostFacts& facts, const RunParameters& run_parameters,
                                    const Result<DeclaredVariables>& variables) {
  std::vector<CompositionError> refused;  // validation has reported them
  const std::vector<ContainerComposition> composed = compose(pod, refused);
  if (!refused.empty()) return {};
  if (!variables)
    for (VolumeMount& mount : container.volume_mounts) mount.sub_path_expr.clear();  // nobody knows what it is
  const auto found = images.find(container.image);
  const Image image = found == images.end() ? Image{} : found->second;
  const DeclaredVariables known = variables.value_or(DeclaredVariables{});
  const std::string storage = fmt::format("{}/{}", run_parameters.storage, run_parameters.uid);
  return mount_errors({.pod = pod,
                       .container = container,
                       .image = image,
                       .images = images,
                       .facts = facts,
                       .run_parameters = run_parameters,
                       .storage = storage,
                       .uid = run_parameters.uid,
                       .variables = known,
                       .composed = composed,
                       .index = index});
}

std::vector<Error> errors_of_container(const Pod& pod, std::size_t index, const Images& images,
                                       const HostFacts& facts, const RunParameters& run_parameters) {
  const Container container = with_inherited_security(pod, pod.spec.containers[index]);
  const auto variables = declared_variables(pod, container, run_parameters.uid, facts, run_parameters.env_files);
  Errors errors;
  errors.add_all(capability_errors(container, facts));
  errors.add(compile_filters(container, default_composition, facts));
  errors.add(variables);
  errors.add_all(errors_of_mounts(pod, index, container, images, facts, run_parameters, variables));
  const auto image = images.find(container.image);
  if (image != images.end())
    errors.add_all(errors_with_image(pod, container, image->second, facts, variables));
  else
    errors.add(identify_without_image(container, pod.spec.security_context));
  std::vector<Error> found = std::move(errors).take();
  for (Error& error : found) error.field = field_of_container(pod.spec, index, error.field);
  return found;
}

}  // namespace

std::string field_of_container(const PodSpec& spec, std::size_t index, std::string_view field) {
  const auto inits = static_cast<std::size_t>(std::ranges::count_if(
      spec.containers, [](const Container& each) { return each.role != ContainerRole::App; }));
  const bool is_init = index < inits;
  return fmt::format("spec.{}[{}]{}{}", is_init ? "initContainers" : "containers", is_init ? index : index - inits,
                     field.empty() ? "" : ".", field);
}

std::vector<Error> image_errors(const Pod& pod, const MissingImages& missing) {
  std::vector<Error> errors;
  const auto add = [&](const std::string& reference, std::string field) {
    const auto found = missing.find(reference);
    if (!reference.empty() && found != missing.end())  // decoding has refused an empty one
      errors.push_back({found->second.message, found->second.number, std::move(field)});
  };
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    add(pod.spec.containers[i].image, field_of_container(pod.spec, i, "image"));
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i)
    if (const auto* image = std::get_if<ImageVolume>(&pod.spec.volumes[i].source))
      add(image->reference, fmt::format("spec.volumes[{}].image.reference", i));
  return errors;
}

std::vector<Error> host_errors(const Pod& pod, const Images& images, const HostFacts& facts,
                               const RunParameters& run_parameters) {
  Errors errors;
  errors.add(check_hostname(pod, facts));
  if (auto sysctls = check_sysctls(pod); !sysctls)
    errors.add(Error{std::move(sysctls.error().message), 0, "spec.securityContext.sysctls"});
  std::vector<CompositionError> refused;  // validation has reported them
  if (const auto composed = compose(pod, refused); refused.empty())
    errors.add_all(network_errors(pod, composed, facts));
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    errors.add_all(errors_of_container(pod, i, images, facts, run_parameters));
  errors.add_all(volume_errors(pod, facts, run_parameters));
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    if (images.contains(pod.spec.containers[i].image) && !errors.has(field_of_container(pod.spec, i, "")))
      errors.add(compile_one(pod, i, images, facts, run_parameters));
  return std::move(errors).take();
}

}  // namespace podrun::pod
