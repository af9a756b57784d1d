// Where podrun keeps what: podrun(1), FILES. Everything lies below one root, "" unless --root says otherwise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "namespaces/paths/directory_handle.hpp"

namespace podrun::supervisor {

/// The four places, and the names in them.
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

  /// The images that the pod was started with, pod::to_json().
  std::string images(const std::string& id) const { return run_of(id) + "/images.json"; }

  /// Pods' volumes and writable layers; 0700, for set-user-ID programs in a layer are nobody's business on the host.
  std::string storage() const { return root_ + "/var/lib/podrun/pods"; }
  std::string storage_of(const std::string& uid) const { return storage() + "/" + uid; }

  /// Claims, by namespace and name: they outlive pods. 0700 as well.
  std::string claims() const { return root_ + "/var/lib/podrun/volumes"; }
  std::string claim(const std::string& namespace_name, const std::string& name) const {
    return claims() + "/" + namespace_name + "/" + name;
  }

  /// Below it no link is followed: a container may have write access there, by a hostPath.
  std::string log_root() const { return root_ + "/var/log"; }
  std::string logs() const { return log_root() + "/pods"; }
  /// One directory a run, named as the kubelet does. In it, beside containers' folders: status.json, the pod as it was
  /// at its end, to_pod_json(PodRecord); timeline.json, where the start went, to_json(Timeline); podrun.log, what -d
  /// has to say.
  std::string logs_of(const std::string& id, const std::string& uid) const { return logs() + "/" + id + "_" + uid; }
  ns::DirectoryHandle log_folder() const { return {log_root(), "pods"}; }
  ns::DirectoryHandle log_folder(const std::string& id, const std::string& uid) const {
    return {log_root(), "pods/" + id + "_" + uid};
  }

  /// Profiles of `seccompProfile: {type: Localhost}`.
  std::string seccomp_profiles() const { return root_ + "/etc/podrun/seccomp"; }

  /// Where images are looked up, in order; `program_folder` is the one podrun lies in.
  std::vector<std::string> image_roots(const std::string& program_folder) const {
    return {program_folder + "/images", program_folder + "/../share/podrun/images", root_ + "/var/lib/podrun/images"};
  }

 private:
  std::string root_;
};

}  // namespace podrun::supervisor
