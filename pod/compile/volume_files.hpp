// What a volume is made of that holds ConfigMaps, Secrets, or what is known of the pod.
#pragma once

#include <string_view>

#include "pod/plan/pod_steps.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Whether the volume is written by podrun: configMap, secret, downwardAPI, projected.
bool holds_files(const Volume& volume);
/// Whether a Secret's text is to be in it: then it must not touch the disk.
bool holds_secrets(const Volume& volume);

/// The files of such a volume. Where two sources have the same path, the later one wins. Errors, each of which names
/// the volume: an object or a key that no document declares and that is not optional, a path that is the volume's own
/// ("..x"), or that is a file and a directory.
Result<VolumeFiles> volume_files(const Pod& pod, const Volume& volume, const HostFacts& facts, std::string_view uid);

}  // namespace podrun::pod
