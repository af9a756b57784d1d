// The folder in which each pod publishes its names for the resolvers of all pods, /run/podrun/.names: one file for each
// pod, <namespace>_<name>, as namespaces/resolver/names.hpp says. The folder above it is 0700: what is here is read by
// the resolvers, which get the folder by descriptor, and by nobody else.
#pragma once

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/resolver/names.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Opens the folder, and makes it if it is missing.
Result<Fd> open_names_folder(const std::string& path);

/// Writes what a pod publishes, and replaces what it has published before, so that resolvers see either. An error
/// EINVAL: a value cannot be written, which the checks of a manifest exclude.
Result<> publish_names(int folder, const resolver::PublishedPod& pod);

/// Removes what the pod <namespace>_<name> has published, or has begun to. It is no error if there is nothing.
Result<> withdraw_names(int folder, const std::string& id);
/// The pods <namespace>_<name> of which there is anything in the folder.
std::vector<std::string> publishers(const std::string& path);

}  // namespace podrun::ns
