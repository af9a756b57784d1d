// What is wrong with a pod on this host: all of it, where compile() stops at the first error.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pod/compile/compile.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Why images were not found, by reference.
using MissingImages = std::map<std::string, Error, std::less<>>;

/// The field of a container in a manifest: "spec.containers[2].image".
std::string field_of_container(const PodSpec& spec, std::size_t index, std::string_view field);

/// An error for each field of a pod that names an image which was not found. The errno is that of the lookup.
std::vector<Error> image_errors(const Pod& pod, const MissingImages& missing);

/// The errors of a pod on this host, most with the field that they are about. What depends on an image that is not
/// among `images` is left out. The pod may be one that validate() refuses; some errors are then only the consequences
/// of what is wrong with it.
std::vector<Error> host_errors(const Pod& pod, const Images& images, const HostFacts& facts,
                               const RunParameters& run_parameters);

}  // namespace podrun::pod
