// Makes the command of an exec probe or an exec hook.
#include "supervisor/health/make_command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/launch/enter.hpp"
#include "pod/compile/compile_enter.hpp"
#include "pod/plan/verify_entering.hpp"

namespace podrun::supervisor {
namespace {

/// The pipes of a command. Its input is at its end from the beginning. It is no /dev/null: who has a descriptor of the
/// host's can change the mode and the owner of that.
struct Streams {
  ns::Channel input, output;
};

/// Opening /dev/stdin or /dev/stdout opens the pipe anew, which is subject to its owner and mode.
Result<Streams> make_streams(const pod::ContainerPlan& plan) {
  Streams streams{.input = TRY(ns::make_pipe()), .output = TRY(ns::make_pipe())};
  for (const pod::ChildStep& step : plan.child)
    if (const auto* const ids = std::get_if<pod::step::SetIds>(&step))
      for (const ns::Channel* const pipe : {&streams.input, &streams.output})
        if (::fchown(pipe->second.get(), ids->uid, ids->gid) < 0) return fail_system("pipe");
  if (::fcntl(streams.output.first.get(), F_SETFL, O_NONBLOCK) < 0) return fail_system("pipe");
  streams.input.second.reset();
  return streams;
}

Result<Fd> open_directory(const std::string& path) {
  Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_system(path);
  return directory;
}

}  // namespace

Result<pod::ContainerPlan> plan_of_command(const pod::ContainerPlan& container, std::vector<std::string> argv) {
  pod::ContainerPlan plan = pod::compile_enter(
      container, {.argv = std::move(argv), .kinds = pod::every_kind(), .terminal = "", .host_environment = {}});
  TRY_VOID(pod::verify_entering(plan));
  return plan;
}

Result<NewCommand> make_command(const pod::ContainerPlan& plan, const CommandTarget& target, const CommandSite& site,
                                std::string name) {
  auto [input, output] = TRY(make_streams(plan));
  const Fd helpers = TRY(site.cgroup.helpers());
  ns::CommandCgroup group = TRY(site.cgroup.command(plan.name));
  const int in = input.first.get(), out = output.second.get();
  auto entered = ns::enter_to_register(plan, {.container = target.process,
                                              .aux_fd = target.root,
                                              .helpers = helpers.get(),
                                              .group = group,
                                              .last_capability = site.last_capability,
                                              .entry_program = site.entry_program,
                                              .empty_root = site.empty_root,
                                              .standard = {in, out, out}});
  if (!entered) {
    group.remove_if_empty();
    return std::unexpected(entered.error());
  }
  return NewCommand{.name = std::move(name),
                    .instance = target.instance,
                    .entered = std::move(*entered),
                    .output = std::move(output.first),
                    .group = std::move(group)};
}

/// The pidfd says which process it was.
Result<Fd> open_root_of(const ns::Process& process) {
  Fd root = TRY(open_directory(fmt::format("/proc/{}/root", process.pid)));
  if (TRY(ns::pid_of(process.pidfd.get())) != process.pid) return fail("the container is ending", ESRCH);
  return root;
}

Result<Fd> open_empty_root(pid_t pause) { return open_directory(fmt::format("/proc/{}/root/c", pause)); }

}  // namespace podrun::supervisor
