// A temporary root for the pods of a test. All files of podrun are below one directory. All processes and files are
// removed at the end of the test, even if it fails.
#pragma once

#include <string>
#include <string_view>

#include "pod/spec/host_facts.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::test {

/// The --root of a test.
class TemporaryRoot {
 public:
  TemporaryRoot();
  TemporaryRoot(const TemporaryRoot&) = delete;
  TemporaryRoot& operator=(const TemporaryRoot&) = delete;
  /// Kills all descendants of the test's process, and removes the cgroups and the directory.
  ~TemporaryRoot();

  const std::string& path() const { return layout_.root(); }
  /// The path of NAME inside.
  std::string operator/(std::string_view name) const { return path() + "/" + std::string(name); }
  const supervisor::Layout& layout() const { return layout_; }

  /// Writes a file, e.g. a manifest, and returns its path.
  std::string write(const std::string& name, std::string_view text) const;

  /// Copies the root of localhost/busybox, with podrun-probe in /bin if there is one, and returns its path. `rootfs:` +
  /// this is an image.
  std::string make_rootfs(const std::string& name) const;

  /// The parent of the cgroups of this root's pods, relative to the root of the cgroup2 hierarchy.
  const std::string& cgroup_base() const { return cgroup_base_; }
  const pod::HostFacts& facts() const { return facts_; }

 private:
  supervisor::Layout layout_;
  pod::HostFacts facts_;
  std::string cgroup_base_;
};

/// The build directory, and podrun in it.
inline const std::string build_folder = PODRUN_BUILD_DIR;
inline const std::string podrun_program = build_folder + "/podrun";
/// The path of an example manifest: "web" → …/examples/pods/web.yaml.
std::string example(const std::string& name);

}  // namespace podrun::test
