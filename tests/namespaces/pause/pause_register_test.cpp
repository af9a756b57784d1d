// The pause's register: what is stored with its roles, what opens a gate, and what is refused.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "tests/namespaces/pause/gate.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

class RootPauseRegister : public testing::Test {
 protected:
  RootPauseRegister() { EXPECT_TRUE(supervisor_.pause.list()); }
  PauseClient& pause() { return supervisor_.pause; }
  Registration child(int gate, std::vector<RoleFd> fds = {}) const {
    fds.push_back({Role::Process, run_.process().pidfd.get()});
    return {.name = "app", .instance = 3, .pid = run_.pid(), .fds = std::move(fds), .gate = gate};
  }

  PauseRun run_;
  FakeSupervisor supervisor_ = run_.next_supervisor();
};

TEST_F(RootPauseRegister, TheGateOfAStoredChildIsOpened) {
  Gate gate;
  ASSERT_TRUE(pause().register_child(child(gate.supervisors_end())));
  EXPECT_EQ(gate.outcome(), "opened");
}

TEST_F(RootPauseRegister, TheGateIsOpenedAlthoughTheSupervisorDiedAfterItsMessage) {
  Gate gate;
  ASSERT_TRUE(send_signal(run_.process(), SIGSTOP));
  ASSERT_TRUE(pause().register_child(child(gate.supervisors_end())));
  supervisor_.die();
  ASSERT_TRUE(send_signal(run_.process(), SIGCONT));
  EXPECT_EQ(gate.outcome(), "opened");
  EXPECT_EQ(names_of(run_.next_supervisor().pause.list().value().children), std::vector<std::string>{"app"});
}

TEST_F(RootPauseRegister, DescriptorsComeBackByTheirRoles) {
  Gate gate;
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC)), zero(::open("/dev/zero", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(pause().register_child(
      child(gate.supervisors_end(), {{Role::Log, null.get()}, {Role::Report, zero.get()}})));
  auto children = pause().list().value().children;
  ASSERT_EQ(children.size(), 1U);
  EXPECT_EQ(children[0].fds.size(), 3U) << "the gate is not kept";
  const auto device_of = [](const Fd& fd) {
    struct stat file{};
    return ::fstat(fd.get(), &file) == 0 ? file.st_rdev : 0;
  };
  EXPECT_EQ(device_of(children[0].take(Role::Log)), device_of(null));
  EXPECT_EQ(device_of(children[0].take(Role::Report)), device_of(zero));
  EXPECT_TRUE(children[0].take(Role::Process));
  EXPECT_FALSE(children[0].take(Role::Process)) << "it was taken";
  EXPECT_FALSE(children[0].take(Role::Input));
}

TEST_F(RootPauseRegister, AFullRegisterRefusesAChildAndClosesItsGate) {
  for (unsigned i = 0; i < pause::max_items; ++i) ASSERT_TRUE(pause().hold(fmt::format("hold {}", i), {}));
  Gate gate;
  ASSERT_TRUE(pause().register_child(child(gate.supervisors_end())));
  EXPECT_EQ(gate.outcome(), "closed");
  const auto refusal = wait_for_refusal(pause(), run_.pid());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->number, ENOSPC);
  EXPECT_EQ(refusal->name, "app");
  const Holdings holdings = pause().list().value();
  EXPECT_EQ(holdings.holds.size(), pause::max_items);
  EXPECT_TRUE(holdings.children.empty());

  ASSERT_TRUE(pause().release("hold 7"));
  Gate second;
  ASSERT_TRUE(pause().register_child(child(second.supervisors_end())));
  EXPECT_EQ(second.outcome(), "opened") << "there is room again";
}

// As when the pause is at its limit of open files: the kernel drops descriptors and delivers the rest.
TEST_F(RootPauseRegister, AChildWhoseDescriptorsWereLostIsRefusedAndItsFormerRegistrationStays) {
  Gate gate, lost;
  ASSERT_TRUE(pause().register_child(child(gate.supervisors_end())));
  ASSERT_EQ(gate.outcome(), "opened");
  rlimit former{};
  ASSERT_EQ(::prlimit(run_.pid(), RLIMIT_NOFILE, nullptr, &former), 0);
  const rlimit none{3, former.rlim_max};
  ASSERT_EQ(::prlimit(run_.pid(), RLIMIT_NOFILE, &none, nullptr), 0);
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(pause().register_child(child(lost.supervisors_end(), {{Role::Log, null.get()}})));
  EXPECT_EQ(lost.outcome(), "closed");
  const auto refusal = wait_for_refusal(pause(), run_.pid());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->number, EMFILE);
  ASSERT_EQ(::prlimit(run_.pid(), RLIMIT_NOFILE, &former, nullptr), 0);
  auto children = pause().list().value().children;
  ASSERT_EQ(children.size(), 1U);
  EXPECT_TRUE(children[0].take(Role::Process));
  EXPECT_FALSE(children[0].take(Role::Log)) << "that of the first message";
}

TEST_F(RootPauseRegister, AConfirmedRegistrationSaysWhetherThePauseHasRoom) {
  ASSERT_TRUE(pause().register_and_confirm(child(-1)));
  rlimit former{};
  ASSERT_EQ(::prlimit(run_.pid(), RLIMIT_NOFILE, nullptr, &former), 0);
  const rlimit few{8, former.rlim_max};  // fewer than it has, but it can poll(2) those that it waits for
  ASSERT_EQ(::prlimit(run_.pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(pause().register_child(child(-1, {{Role::Log, null.get()}}))) << "it does not wait for the refusal";
  const auto refused = pause().register_and_confirm(child(-1, {{Role::Log, null.get()}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, EMFILE);
  ASSERT_EQ(::prlimit(run_.pid(), RLIMIT_NOFILE, &former, nullptr), 0);
  EXPECT_TRUE(pause().register_and_confirm(child(-1, {{Role::Log, null.get()}}))) << "the first refusal is another's";
  EXPECT_EQ(pause().take_refusals().size(), 1U);
}

// The kernel may have closed the gate before the pause could say why.
TEST_F(RootPauseRegister, AfterASyncEachRefusalIsKnown) {
  for (unsigned i = 0; i < pause::max_items; ++i) ASSERT_TRUE(pause().hold(fmt::format("hold {}", i), {}));
  Gate gate;
  ASSERT_TRUE(pause().register_child(child(gate.supervisors_end())));
  ASSERT_TRUE(pause().sync());
  const auto refusals = pause().take_refusals();
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_EQ(refusals[0].pid, run_.pid());
}

}  // namespace
}  // namespace podrun::ns
