// podrun [run] FILE: runs a pod, in the foreground or with -d behind the caller's back.
#include <unistd.h>

#include <fmt/format.h>

#include "namespaces/files.hpp"
#include "namespaces/first_start.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/first_run.hpp"
#include "supervisor/load.hpp"
#include "supervisor/program.hpp"

namespace podrun::supervisor::commands {
namespace {

/// A UUID of the kernel's, for a pod whose manifest has no metadata.uid.
std::string random_uid() { return ns::read_file("/proc/sys/kernel/random/uuid").value_or("").substr(0, 36); }

}  // namespace

ExitStatus run(const Invocation& invocation) {
  const Options& options = invocation.options;
  auto text = read_manifest(options.operands.front());
  if (!text) return complain(text.error());

  // The caller's open files and working directory are none of the pod's business, and must not be kept busy by it.
  ns::close_inherited_descriptors();
  if (::chdir("/") < 0) return complain(ExitStatus::CannotStart, Error::system("/").message);

  auto loaded = load({.text = std::move(*text),
                      .name = display_name(options.operands.front()),
                      .namespace_name = options.namespace_name,
                      .uid = random_uid(),
                      .storage = invocation.layout.storage(),
                      .image_roots = invocation.layout.image_roots(folder_of(invocation.program)),
                      .leniency = leniency_of(options)});
  if (!loaded) return complain(loaded.error());
  warn(loaded->warnings);
  if (!loaded->facts.kernel_is_new_enough)
    return complain(ExitStatus::CannotStart,
                    fmt::format("this needs Linux 6.1 or newer, and the kernel is {}", loaded->facts.kernel));
  return start_pod({.layout = invocation.layout,
                    .loaded = std::move(*loaded),
                    .program = invocation.program,
                    .detached = options.detach});
}

}  // namespace podrun::supervisor::commands
