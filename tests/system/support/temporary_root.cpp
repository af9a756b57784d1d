// A temporary root for the pods of a test.
#include "tests/system/support/temporary_root.hpp"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::test {
namespace {

/// Not in /tmp, which may be an overlay or a tmpfs. Layers would then be in other places than for users.
std::string make_directory() {
  std::string name = "/var/tmp/podrun-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "mkdtemp " << name;
  return name;
}

}  // namespace

TemporaryRoot::TemporaryRoot()
    : layout_(make_directory()),
      facts_(ns::read_host_facts(layout_.storage())),
      cgroup_base_(ns::cgroup_base(facts_, layout_.root())) {
  // Orphans become children of this process, so that it can end all of them.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

TemporaryRoot::~TemporaryRoot() {
  end_and_reap_all_descendants();
  if (const auto pods = ns::pods_with_cgroups(facts_, cgroup_base_))
    for (const std::string& id : *pods)
      if (const auto group = ns::PodCgroup::open(facts_, cgroup_base_, id)) (void)group->remove(test_timeout);
  if (const auto removed = ns::remove_tree(path()); !removed) ADD_FAILURE() << removed.error().message;
}

std::string TemporaryRoot::write(const std::string& name, std::string_view text) const {
  std::ofstream(*this / name, std::ios::binary) << text;
  return *this / name;
}

std::string TemporaryRoot::make_rootfs(const std::string& name) const {
  namespace fs = std::filesystem;
  const std::string rootfs = *this / name;
  fs::copy(build_folder + "/images/localhost/busybox/latest/rootfs", rootfs,
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  if (const fs::path probe = build_folder + "/podrun-probe"; fs::exists(probe))
    fs::copy_file(probe, rootfs + "/bin/podrun-probe");
  return rootfs;
}

std::string example(const std::string& name) {
  return std::string(PODRUN_SOURCE_DIR) + "/examples/pods/" + name + ".yaml";
}

}  // namespace podrun::test
