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

  /// How podrun is called for these files, for a command that a message suggests: "podrun", or "podrun --root DIR".
  std::string command() const;

  std::string run() const;
  std::string run_of(const std::string& id) const;
  std::string lock(const std::string& id) const;
  std::string state(const std::string& id) const;
  std::string spare(const std::string& id) const;

  /// The pod as its manifest has it, for its status: to_json(GivenPod). Mode 0600: it may hold passwords.
  std::string given(const std::string& id) const;

  /// What a podrun before state version 2 copied at the start: the manifest, and the images as pod::to_json() writes
  /// them.
  std::string manifest(const std::string& id) const;
  std::string images(const std::string& id) const;

  /// Volumes and writable layers of pods. Mode 0700: other users of the host must not reach set-user-ID programs in a
  /// layer.
  std::string storage() const;
  std::string storage_of(const std::string& uid) const;

  /// Volumes of claims, by namespace and name. They outlive pods. Mode 0700 for the same reason.
  std::string claims() const;
  std::string claim(const std::string& namespace_name, const std::string& name) const;

  /// What pods have changed in objects of others, one directory for each run that has changed something: leases.hpp.
  ns::DirectoryHandle lease_folder() const;
  ns::DirectoryHandle lease_folder(const std::string& id, const std::string& uid) const;

  /// What each running pod publishes for the resolvers of all pods: names and addresses, one file for each, called by the
  /// pod's id. Mode 0755: the resolvers are not root.
  ns::DirectoryHandle names_folder() const;

  /// How pods are connected: podrun-network(7).
  std::string network_file() const;

  /// Below this directory no link is followed: a container may have write access to it through a hostPath.
  std::string log_root() const;
  std::string logs() const;
  /// One directory for each run, named as the kubelet names it. It has a folder for each container and:
  ///   status.json    the final status of the pod: to_json(PodView). Mode 0600, as it has the spec
  ///   events.jsonl   what has happened to the pod, and events.1.jsonl, what has happened before: to_line(LoggedEvent)
  ///   timeline.json  the time that each step of the start took: to_json(Timeline)
  ///   podrun.log     podrun's own messages under -d
  std::string logs_of(const std::string& id, const std::string& uid) const;
  ns::DirectoryHandle log_folder() const;
  ns::DirectoryHandle log_folder(const std::string& id, const std::string& uid) const;

  /// The directory of profiles of `seccompProfile: {type: Localhost}`.
  std::string seccomp_profiles() const;

  /// The directories in which images are looked up, in order. `program_folder` is the directory of podrun.
  std::vector<std::string> image_roots(const std::string& program_folder) const;
  /// The store of pulled and loaded images, beside those that were laid out by hand: ns::ImageStore. Mode 0700.
  std::string image_store() const;

 private:
  std::string root_;
};

}  // namespace podrun::supervisor
