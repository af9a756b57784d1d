// A place of its own for a test's pods: everything podrun keeps lies below one directory, and what was
// started from there is gone when the test is over, however it went.
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
  /// Kills every descendant of the test's own process, removes the cgroups and the directory.
  ~TemporaryRoot();

  const std::string& path() const { return layout_.root(); }
  /// The path of NAME inside.
  std::string operator/(std::string_view name) const { return path() + "/" + std::string(name); }
  const supervisor::Layout& layout() const { return layout_; }

  /// Writes a file, e.g. a manifest, and returns its path.
  std::string write(const std::string& name, std::string_view text) const;

  /// A copy of localhost/busybox's root, with podrun-probe in /bin if the build has one; `rootfs:` + this is
  /// an image.
  std::string make_rootfs(const std::string& name) const;

  /// Where this root's pods have their cgroups, relative to the cgroup2 hierarchy's root.
  const std::string& cgroup_base() const { return cgroup_base_; }
  const pod::HostFacts& facts() const { return facts_; }

 private:
  supervisor::Layout layout_;
  pod::HostFacts facts_;
  std::string cgroup_base_;
};

/// podrun itself, and the folder it lies in.
inline const std::string build_folder = PODRUN_BUILD_DIR;
inline const std::string podrun_program = build_folder + "/podrun";
/// The path of an example manifest: "web" → …/examples/pods/web.yaml.
std::string example(const std::string& name);

}  // namespace podrun::test
