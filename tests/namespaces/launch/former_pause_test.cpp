// The client and a pause of a former version: descriptors without roles, and gates that the pause does not open.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include <gtest/gtest.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/launch/legacy_roles.hpp"
#include "namespaces/pause/transport.hpp"
#include "tests/namespaces/pause/gate.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

/// The pause's end of a client's socket, for answers of a pause before version 4.
class FormerPause : public testing::Test {
 protected:
  FormerPause() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pause_ = Fd(pair[0]);
    client_.emplace(Fd(pair[1]));
  }
  void send(pause::Message message, const std::vector<int>& fds) {
    message.version = 3;
    ASSERT_TRUE(pause::send_message(pause_.get(), message, fds.data(), static_cast<unsigned>(fds.size())));
  }
  std::vector<Role> adopted_roles(const std::vector<int>& fds) {
    send({.op = pause::Op::Item, .a = 7, .b = 2, .name = "app"}, fds);
    send({.op = pause::Op::End}, {});
    std::vector<Role> roles;
    const Holdings holdings = client_->list().value();
    for (const KeptFd& each : holdings.children.at(0).fds) roles.push_back(each.role);
    return roles;
  }

  Fd pause_;
  std::optional<PauseClient> client_;
  Channel pipe_ = make_pipe().value();
  int p_ = pipe_.first.get();
  Fd file_{::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  int f_ = file_.get();
};

TEST_F(FormerPause, DescriptorsHaveTheRolesOfTheirOrder) {
  using enum Role;
  EXPECT_EQ(adopted_roles({p_, p_, f_, p_, p_, p_, p_, p_, p_, f_}),
            (std::vector{Process, Report, Displayed, Out, Err, OutJournalIn, OutJournalOut, ErrJournalIn,
                         ErrJournalOut, Log}));
  EXPECT_EQ(adopted_roles({p_, p_, f_, p_, p_, p_, p_, p_, p_, f_, f_}),
            (std::vector{Process, Report, Displayed, Out, Err, OutJournalIn, OutJournalOut, ErrJournalIn,
                         ErrJournalOut, Log, DroppedLines}));
  EXPECT_EQ(adopted_roles({p_, p_, f_, p_, p_, p_, p_, p_, p_, p_, f_}),
            (std::vector{Process, Report, Displayed, Input, Out, Err, OutJournalIn, OutJournalOut, ErrJournalIn,
                         ErrJournalOut, Log}));
  EXPECT_EQ(adopted_roles({p_, p_, f_, p_, p_, p_, p_, p_, p_, p_, f_, f_}).back(), DroppedLines);
}

// The former pause drops the roles: what this supervisor registers, the next one finds by the order.
TEST_F(FormerPause, DescriptorsAreRegisteredInTheOrderOfTheirRoles) {
  using enum Role;
  send({.op = pause::Op::End}, {});
  ASSERT_TRUE(client_->list());
  const std::vector<RoleFd> fds = {{Out, p_}, {Err, p_}, {OutJournalIn, p_}, {OutJournalOut, p_}, {ErrJournalIn, p_},
                                   {ErrJournalOut, p_}, {Log, f_}, {Process, p_}, {Report, p_}, {Displayed, f_}};
  ASSERT_TRUE(client_->register_child({.name = "app", .pid = 7, .fds = fds}));
  pause::Message message{};
  int numbers[pause::max_descriptors];
  unsigned count = 0;
  ASSERT_TRUE(pause::receive_message(pause_.get(), message, numbers, count, 0));  // List
  ASSERT_TRUE(pause::receive_message(pause_.get(), message, numbers, count, 0));
  ASSERT_EQ(count, fds.size());
  std::vector<KeptFd> kept;
  for (unsigned i = 0; i < count; ++i) kept.push_back({None, Fd(numbers[i])});
  assign_legacy_roles(kept);
  for (unsigned i = 0; i < count; ++i) EXPECT_EQ(kept[i].role, message.roles[i]) << i;
}

TEST_F(FormerPause, TheClientOpensTheGateItself) {
  send({.op = pause::Op::End}, {});
  ASSERT_TRUE(client_->list());
  Gate gate;
  ASSERT_TRUE(client_->register_child({.name = "app", .pid = 7, .fds = {{Role::Process, p_}},
                                       .gate = gate.supervisors_end()}));
  EXPECT_EQ(gate.outcome(), "opened");
  pause::Message message{};
  int fds[pause::max_descriptors];
  unsigned count = 0;
  ASSERT_TRUE(pause::receive_message(pause_.get(), message, fds, count, 0));  // List
  ASSERT_TRUE(pause::receive_message(pause_.get(), message, fds, count, 0));
  EXPECT_EQ(count, 1U) << "without the gate";
  ::close(fds[0]);
}

TEST_F(FormerPause, AShorterMessageIsReceived) {
  pause::Message end{.op = pause::Op::End, .a = 5, .version = 3};
  ASSERT_EQ(::send(pause_.get(), &end, pause::least_message, 0), static_cast<ssize_t>(pause::least_message));
  const Holdings holdings = client_->list().value();
  EXPECT_EQ(holdings.version, 3U);
  EXPECT_EQ(holdings.sandbox_steps_done, 5U);
}

}  // namespace
}  // namespace podrun::ns
