// Each path is its folder's and a name.
#include "supervisor/core/layout.hpp"

#include "pod/text/quote.hpp"

namespace podrun::supervisor {

std::string Layout::command() const {
  return root_.empty() ? "podrun" : pod::shell_words({"podrun", "--root", root_});
}
std::string Layout::run() const { return root_ + "/run/podrun"; }
std::string Layout::run_of(const std::string& id) const { return run() + "/" + id; }
std::string Layout::lock(const std::string& id) const { return run_of(id) + "/lock"; }
std::string Layout::state(const std::string& id) const { return run_of(id) + "/state.json"; }
std::string Layout::spare(const std::string& id) const { return run_of(id) + "/state.spare"; }
std::string Layout::manifest(const std::string& id) const { return run_of(id) + "/manifest.yaml"; }
std::string Layout::given(const std::string& id) const { return run_of(id) + "/pod.json"; }
std::string Layout::images(const std::string& id) const { return run_of(id) + "/images.json"; }
std::string Layout::storage() const { return root_ + "/var/lib/podrun/pods"; }
std::string Layout::storage_of(const std::string& uid) const { return storage() + "/" + uid; }
ns::DirectoryHandle Layout::lease_folder() const { return {root_ + "/var/lib/podrun", "leases"}; }
ns::DirectoryHandle Layout::lease_folder(const std::string& id, const std::string& uid) const {
  return lease_folder().below(id + "_" + uid);
}
ns::DirectoryHandle Layout::names_folder() const { return {run(), ".names"}; }
std::string Layout::network_file() const { return root_ + "/etc/podrun/network.yaml"; }
std::string Layout::claims() const { return root_ + "/var/lib/podrun/volumes"; }
std::string Layout::claim(const std::string& namespace_name, const std::string& name) const {
  return claims() + "/" + namespace_name + "/" + name;
}
std::string Layout::log_root() const { return root_ + "/var/log"; }
std::string Layout::logs() const { return log_root() + "/pods"; }
std::string Layout::logs_of(const std::string& id, const std::string& uid) const {
  return logs() + "/" + id + "_" + uid;
}
ns::DirectoryHandle Layout::log_folder() const { return {log_root(), "pods"}; }
ns::DirectoryHandle Layout::log_folder(const std::string& id, const std::string& uid) const {
  return {log_root(), "pods/" + id + "_" + uid};
}
std::string Layout::seccomp_profiles() const { return root_ + "/etc/podrun/seccomp"; }
std::string Layout::image_store() const { return root_ + "/var/lib/podrun/images/.store"; }
std::vector<std::string> Layout::image_roots(const std::string& program_folder) const {
  return {program_folder + "/images", program_folder + "/../share/podrun/images", root_ + "/var/lib/podrun/images"};
}

}  // namespace podrun::supervisor
