// What tests of leases share: a kernel parameter of a network namespace that belongs to the test.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/leases/leases.hpp"
#include "supervisor/leases/sysctl_lease.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {

namespace fs = std::filesystem;

/// A parameter of the network namespace that has no effect here.
inline const std::string name = "net/ipv4/ip_unprivileged_port_start", key = "net.ipv4.ip_unprivileged_port_start";

/// A pod that changes the parameter, whose value is 1000.
class RootLeases : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(hosts_);
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    set("1000");
  }
  void TearDown() override { EXPECT_EQ(::setns(hosts_.get(), CLONE_NEWNET), 0); }

  static void set(const std::string& value) { std::ofstream("/proc/sys/" + name) << value << std::flush; }
  static std::string value() {
    const std::string text = contents_of("/proc/sys/" + name);
    return text.substr(0, text.find('\n'));
  }

  std::string folder(const LeaseOwner& owner) const { return layout_.lease_folder(owner.id, owner.uid).path(); }
  std::string file() const { return folder(web_) + "/sysctl-" + key; }
  bool has_leases() const { return !pods_with_leases(layout_).empty(); }
  static std::uint64_t network() {
    return ns::namespaces_of(::getpid()).value()[static_cast<std::size_t>(pod::NamespaceKind::Net)];
  }
  static pod::json::Value change(const std::string& former, const std::string& ours, const std::string& of = name) {
    return pod::json::object(
        {{"name", of}, {"former", former}, {"ours", std::vector{ours}}, {"network", network()}});
  }
  Result<> write_lease_of(const LeaseOwner& owner) const {
    return write_lease(layout_, owner, sysctl_kind, key, change("1000", "80"));
  }
  /// Undoes the leases of the pod; the error, or "".
  std::string undo() const {
    const auto undone = undo_leases(layout_, web_.id);
    return undone ? "" : undone.error().message;
  }
  static std::string lease_text(const std::string& rest) {
    return R"({"version": 1, "kind": "sysctl", )" + rest + "}";
  }
  void write(const std::string& file_name, const std::string& text) const {
    fs::create_directories(folder(web_));
    std::ofstream(folder(web_) + "/" + file_name) << text << std::flush;
  }

  const std::string this_boot = R"("boot": ")" + boot_id() + R"(", "written": 1, "object": )";
  const Fd hosts_{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  TemporaryDirectory root_;
  const Layout layout_{root_ / "root"};
  const LeaseOwner web_{"default_web", "0c5a"};
};

}  // namespace podrun::supervisor
