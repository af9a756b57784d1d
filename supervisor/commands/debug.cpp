// podrun debug POD[/CONTAINER] --image I: runs a process with another image in a container's namespaces.
#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/paths/pty.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "pod/compile/compile.hpp"
#include "pod/compile/compile_enter.hpp"
#include "supervisor/attach/enter_container.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/load.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/stored_pod.hpp"

namespace podrun::supervisor::commands {
namespace {

/// A directory in the pod's storage, which the destructor removes, or else the end of the pod.
class OwnDirectory {
 public:
  explicit OwnDirectory(const std::string& storage) : path_(fmt::format("{}/debug-{}", storage, ::getpid())) {}
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;
  ~OwnDirectory() { (void)ns::remove_tree(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The pod's /c below its cover, which the pause has open.
Fd open_cells(const ExecTarget& target) {
  const std::string path = fmt::format("/proc/{}/fd/{}", target.record.pause, pause::cells_fd);
  return Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

ExitStatus debug(const Invocation& invocation) {
  const Options& options = invocation.options;
  const Layout& layout = invocation.layout;
  if (lacks_terminal(options.terminal)) return ExitStatus::CannotEnter;
  const auto operand = find_operand(layout, options);
  if (!operand) return report_error(operand.error()), ExitStatus::CannotEnter;
  const auto target = find_target(layout, operand->id, operand->container);
  if (!target) return report_error(target.error()), ExitStatus::CannotEnter;
  const auto stored = read_stored_pod(layout, target->record);
  if (!stored) return report_error(stored.error()), ExitStatus::CannotEnter;
  const auto image = find_image(options.image, image_places(layout, folder_of(invocation.program)),
                                writable_places(stored->pod, layout.storage(), layout.claims()));
  if (!image) return cannot_enter(image.error().message);
  auto stand_in =
      pod::compile_stand_in(stored->pod, target->index, image->image, options.command,
                            ns::read_host_facts(layout.storage()),
                            {.uid = stored->plan.uid, .storage = layout.storage(), .claims = layout.claims()});
  if (!stand_in) return cannot_enter(stand_in.error().message);
  const OwnDirectory directory(stored->plan.storage);
  const pod::ContainerPlan plan =
      pod::compile_debug(std::move(*stand_in), directory.path(), terminal_type(options.terminal));

  const Fd pause = open_pause(layout, target->record.id);
  if (!pause) return report_error(container_ending_error(target->record.id, plan.name).error());
  Fd devpts;
  if (options.terminal) {
    auto made = ns::make_devpts();
    if (!made) return cannot_enter(made.error().message);
    devpts = std::move(*made);
  }
  const Fd cells = open_cells(*target);
  if (!cells) return cannot_enter("the pod was started by an older podrun, whose pause lacks what debug needs");
  return enter_container(
      *target, plan,
      {.program = invocation.program, .aux_fd = pause.get(), .devpts = devpts.get(), .cells = cells.get()},
      {.input = options.input, .terminal = options.terminal});
}

}  // namespace podrun::supervisor::commands
