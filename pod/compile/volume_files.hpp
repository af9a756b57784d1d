// Determines the files of configMap, secret, downwardAPI and projected volumes.
#pragma once

#include <string_view>

#include "pod/plan/pod_steps.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Whether podrun writes the volume: configMap, secret, downwardAPI, projected.
bool holds_files(const Volume& volume);
/// Whether the volume contains Secrets, so that it must not be written to disk.
bool holds_secrets(const Volume& volume);

/// The files of such a volume. If two sources have the same path, the later one wins. Errors, which name the volume: no
/// document declares an object or key that is not optional; a path is reserved ("..x"); a path is both a file and a
/// directory.
Result<VolumeFiles> volume_files(const Pod& pod, const Volume& volume, const HostFacts& facts, std::string_view uid);

}  // namespace podrun::pod
