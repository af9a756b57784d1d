// Writes the files of a configMap, secret, downwardAPI or projected volume as the kubelet does.
#pragma once

#include "pod/plan/pod_steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Writes into `volume` (O_PATH), a directory that no other process uses: the files go into a directory that is named
/// after the time; the link `..data` to it is put in place by one rename(2); then each name at the top becomes a link
/// through `..data`.
Result<> write_volume_files(int volume, const pod::VolumeFiles& files);

}  // namespace podrun::ns
