// The files of a configMap, secret, downwardAPI or projected volume, as the kubelet writes them.
#pragma once

#include "pod/plan/pod_steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Writes into `volume` (a directory of nobody else's, O_PATH): the files in a directory named after the time, `..data`
/// as a link to that, made at once by a rename(2), then for each name at the top a link through `..data`.
Result<> write_volume_files(int volume, const pod::VolumeFiles& files);

}  // namespace podrun::ns
