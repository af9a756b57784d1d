// podrun supervise ID: a later supervisor, started by the pause after the one before has died. Not for people.
#include <unistd.h>

#include "namespaces/files.hpp"
#include "namespaces/first_start.hpp"
#include "namespaces/pause/protocol.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/load.hpp"
#include "supervisor/program.hpp"
#include "supervisor/state_file.hpp"
#include "supervisor/supervisor.hpp"

namespace podrun::supervisor::commands {

ExitStatus supervise(const Invocation& invocation) {
  ns::block_signals();
  const Layout& layout = invocation.layout;
  const std::string& id = invocation.options.operands.front();
  auto record = read_state(layout, id);
  if (!record) return complain(ExitStatus::Bug, record.error().message);
  record->pause = ::getppid();  // not on record yet if the first supervisor died early
  // The copies that were made at the start: what the user's file and the images say by now is not this pod.
  auto text = ns::read_file(layout.manifest(id));
  if (!text) return complain(ExitStatus::Bug, text.error().message);
  const auto described = ns::read_file(layout.images(id));
  if (!described) return complain(ExitStatus::Bug, described.error().message);
  auto images = pod::parse_images(*described);
  if (!images) return complain(ExitStatus::Bug, images.error().message);
  auto loaded = load({.text = std::move(*text),
                      .name = layout.manifest(id),
                      .namespace_name = record->namespace_name,
                      .uid = record->uid,
                      .storage = layout.storage(),
                      .images = std::move(*images)});
  if (!loaded) return complain(loaded.error());
  const int status = supervisor::supervise({.layout = layout,
                                            .plan = std::move(loaded->plan),
                                            .facts = std::move(loaded->facts),
                                            .record = std::move(*record),
                                            .pause_socket = Fd(pause::socket_fd)});
  return static_cast<ExitStatus>(status);
}

}  // namespace podrun::supervisor::commands
