// The paths of podrun's files: podrun(1), FILES. All of them are below one root, "" unless --root names another.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "namespaces/paths/directory_handle.hpp"

namespace podrun::supervisor {

/// The paths below one root. `id` is <namespace>_<name>, `uid` the one of a pod's run.
class Layout {
 public:
  explicit Layout(std::string root = "") : root_(std::move(root)) {}

  const std::string& root() const { return root_; }

  std::string run() const { return root_ + "/run/podrun"; }
  std::string run_of(const std::string& id) const { return run() + "/" + id; }
  std::string lock(const std::string& id) const { return run_of(id) + "/lock"; }
  std::string state(const std::string& id) const { return run_of(id) + "/state.json"; }
  std::string spare(const std::string& id) const { return run_of(id) + "/state.spare"; }
  std::string manifest(const std::string& id) const { return run_of(id) + "/manifest.yaml"; }

  /// The images that the pod was started with, as pod::to_json() writes them.
  std::string images(const std::string& id) const { return run_of(id) + "/images.json"; }

  /// Volumes and writable layers of pods. Mode 0700: other users of the host must not reach set-user-ID programs in a
  /// layer.
  std::string storage() const { return root_ + "/var/lib/podrun/pods"; }
  std::string storage_of(const std::string& uid) const { return storage() + "/" + uid; }

  /// Volumes of claims, by namespace and name. They outlive pods. Mode 0700 for the same reason.
  std::string claims() const { return root_ + "/var/lib/podrun/volumes"; }
  std::string claim(const std::string& namespace_name, const std::string& name) const {
    return claims() + "/" + namespace_name + "/" + name;
  }

  /// Below this directory no link is followed: a container may have write access to it through a hostPath.
  std::string log_root() const { return root_ + "/var/log"; }
  std::string logs() const { return log_root() + "/pods"; }
  /// One directory for each run, named as the kubelet names it. It has a folder for each container and:
  ///   status.json    the final status of the pod: to_pod_json(PodRecord)
  ///   timeline.json  the time that each step of the start took: to_json(Timeline)
  ///   podrun.log     podrun's own messages under -d
  std::string logs_of(const std::string& id, const std::string& uid) const { return logs() + "/" + id + "_" + uid; }
  ns::DirectoryHandle log_folder() const { return {log_root(), "pods"}; }
  ns::DirectoryHandle log_folder(const std::string& id, const std::string& uid) const {
    return {log_root(), "pods/" + id + "_" + uid};
  }

  /// The directory of profiles of `seccompProfile: {type: Localhost}`.
  std::string seccomp_profiles() const { return root_ + "/etc/podrun/seccomp"; }

  /// The directories in which images are looked up, in order. `program_folder` is the directory of podrun.
  std::vector<std::string> image_roots(const std::string& program_folder) const {
    return {program_folder + "/images", program_folder + "/../share/podrun/images", root_ + "/var/lib/podrun/images"};
  }

 private:
  std::string root_;
};

}  // namespace podrun::supervisor
