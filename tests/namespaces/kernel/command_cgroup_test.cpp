// The control groups of commands of exec and debug, on the hierarchy of the host.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "tests/namespaces/kernel/root_cgroup.hpp"

namespace podrun::ns {
namespace {

using namespace std::chrono_literals;

class RootCommandCgroup : public RootCgroup {};

TEST_F(RootCommandCgroup, ACommandNeedsAContainersGroup) {
  const auto command = create("default_a").command("app");
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().number, ENOENT);
}

TEST_F(RootCommandCgroup, EachCommandHasAGroupOfItsOwn) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  const auto first = pod.command("app"), second = pod.command("app");
  ASSERT_TRUE(first && second);
  const auto process = run_in_child(wait_for_a_signal, second->group());
  EXPECT_EQ(pod.group_of(process->pid), "app");
  EXPECT_TRUE(exists(app, "cmd-0") && exists(app, "cmd-1"));
  EXPECT_TRUE(first->end(10s));
  EXPECT_FALSE(exists(app, "cmd-0"));
  EXPECT_FALSE(has_ended(*process)) << "it is the other's";
  EXPECT_TRUE(second->end(10s));
  EXPECT_TRUE(wait_for(*process));
  EXPECT_FALSE(exists(app, "cmd-1"));
}

TEST_F(RootCommandCgroup, ACommandsGroupEndsWithTheGroupsInIt) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  const auto command = pod.command("app");
  const Process nested = start_in(pod.container("app/cmd-0/of its own").value());
  EXPECT_TRUE(command->end(10s));
  EXPECT_TRUE(wait_for(nested));
  EXPECT_FALSE(exists(app, "cmd-0"));
}

TEST_F(RootCommandCgroup, TheGroupOfAKilledClientIsRemovedWhenItIsEmpty) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  std::optional killed(pod.command("app").value());
  const auto process = run_in_child(wait_for_a_signal, killed->group());
  killed.reset();  // closes the lock, as the death of the client does
  pod.remove_unused_commands("app");
  EXPECT_TRUE(exists(app, "cmd-0")) << "something is in it";
  ASSERT_TRUE(end(*process, 10s) && wait_for(*process));
  pod.remove_unused_commands("app");
  EXPECT_FALSE(exists(app, "cmd-0"));

  const CommandCgroup used = pod.command("app").value();
  pod.remove_unused_commands("app");
  EXPECT_TRUE(exists(app, "cmd-0")) << "its client lives";
  EXPECT_TRUE(used.end(10s));
}

TEST_F(RootCommandCgroup, TheEndOfAContainerEndsItsCommands) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  const auto command = pod.command("app");
  const auto process = run_in_child(wait_for_a_signal, command->group());
  ASSERT_TRUE(pod.discard("app", 10s));
  EXPECT_TRUE(wait_for(*process));
  EXPECT_FALSE(pod.command("app")) << "the container's group is removed";
  EXPECT_TRUE(command->end(10s)) << "there is nothing to do";
}

/// A process that sees a hierarchy, and cannot write it, locks each group that is made in CONTAINER as soon as it is there.
/// It has the processor of the test, and precedes it.
Process lock_each_new_group(const Fd& container, Fd& begun) {
  int pipe[2];
  EXPECT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  begun = Fd(pipe[0]);
  const Fd to_tell(pipe[1]);
  return run_in_child([&] {
           const std::string path = fmt::format("/proc/self/fd/{}", container.get());
           const Fd changes(::inotify_init1(IN_CLOEXEC));
           const sched_param priority{.sched_priority = 1};
           const bool is_ready = ::inotify_add_watch(changes.get(), path.c_str(), IN_CREATE) >= 0 &&
                                 ::sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
           if (::write(to_tell.get(), is_ready ? "y" : "n", 1) != 1 || !is_ready) return 1;
           alignas(inotify_event) char events[4096];
           for (ssize_t size; (size = ::read(changes.get(), events, sizeof events)) > 0;)
             for (const char* next = events; next < events + size;) {
               const auto* event = reinterpret_cast<const inotify_event*>(next);
               // The descriptor stays open: it has the lock.
               const int group = ::openat(container.get(), event->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
               (void)::flock(group, LOCK_SH | LOCK_NB);
               next += sizeof *event + event->len;
             }
           return 0;
         })
      .value();
}

TEST_F(RootCommandCgroup, AContainerThatLocksTheGroupsOfCommandsLeavesNone) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  cpu_set_t former, one;
  CPU_ZERO(&one);
  CPU_SET(::sched_getcpu(), &one);
  ASSERT_EQ(::sched_getaffinity(0, sizeof former, &former), 0);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  Fd begun;
  const Process locker = lock_each_new_group(app, begun);
  char is_ready = 'n';
  EXPECT_EQ(::read(begun.get(), &is_ready, 1), 1);
  EXPECT_EQ(is_ready, 'y');
  const auto command = pod.command("app");
  EXPECT_EQ(::sched_setaffinity(0, sizeof former, &former), 0);
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().number, EBUSY) << command.error().message;
  EXPECT_EQ(groups_in(app), 0);
  ASSERT_TRUE(end(locker, 10s) && wait_for(locker));
  const auto next = pod.command("app");
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_TRUE(next->end(10s));
}

// A client has made the group and not locked it yet.
TEST_F(RootCommandCgroup, AGroupThatIsBeingMadeIsNotRemoved) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  ASSERT_EQ(::mkdirat(app.get(), "cmd-0", 0700), 0);
  pod.remove_unused_commands("app");
  EXPECT_TRUE(exists(app, "cmd-0"));
  EXPECT_TRUE(pod.command("app").value().end(10s)) << "it has the next name";
  EXPECT_TRUE(exists(app, "cmd-0"));
}

// A folder on a disk has no cgroup.kill.
TEST_F(RootCommandCgroup, ACommandThatCannotBeKilledLeavesNoGroup) {
  char folder[] = "/tmp/podrun-test-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  pod::HostFacts facts = facts_;
  facts.cgroup2_mount = folder;
  const auto pod = PodCgroup::create(facts, "podrun", "default_a");
  ASSERT_TRUE(pod && pod->container("app"));
  EXPECT_FALSE(pod->command("app"));
  EXPECT_TRUE(std::filesystem::is_empty(std::string(folder) + "/podrun/default_a/app"));
  std::filesystem::remove_all(folder);
}

// Clients make and remove groups while a container's group is removed and made again.
TEST_F(RootCommandCgroup, ManyClientsAtOnceDoNotDisturbEachOther) {
  const PodCgroup pod = create("default_a");
  Fd app = pod.container("app").value();
  const auto is_removed = [](const Error& error) { return error.number == ENOENT || error.number == ENODEV; };
  const auto run_commands = [&] {
    for (int round = 0; round < 100; ++round) {
      const auto command = pod.command("app");
      if (!command && is_removed(command.error())) continue;
      if (!command) return 1;
      if (round % 3 == 0) continue;  // a killed client
      const auto process = run_in_child([] { return 0; }, command->group());
      if (process && !wait_for(*process)) return 2;
      if (!process && !is_removed(process.error())) return 3;
      if (!command->end(10s)) return 4;
    }
    return 0;
  };
  std::vector<Process> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(run_in_child(run_commands).value());
  for (int round = 0; round < 20; ++round) {
    EXPECT_TRUE(pod.discard("app", 10s));
    app = pod.container("app").value();
  }
  for (const Process& client : clients) EXPECT_EQ(exit_code_of(wait_for(client).value()), 0);
  pod.remove_unused_commands("app");
  EXPECT_EQ(groups_in(app), 0);
}

}  // namespace
}  // namespace podrun::ns
