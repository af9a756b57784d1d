// podrun check: every mistake of a manifest, without a host to run it on.
#include <fmt/format.h>

#include "namespaces/host_facts.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/load.hpp"
#include "supervisor/program.hpp"

namespace podrun::supervisor::commands {

ExitStatus check(const Invocation& invocation) {
  const Options& options = invocation.options;
  const std::string name = display_name(options.operands.front());
  const auto text = read_manifest(options.operands.front());
  if (!text) return complain(text.error());
  const auto pod = parse_manifest(*text, name, options.namespace_name);
  if (!pod) return complain(pod.error());

  // The image may be on another machine: where it is missing, only what depends on it stays unchecked.
  const auto [images, missing] =
      find_images(*pod, invocation.layout.image_roots(folder_of(invocation.program)));
  for (const Error& error : missing) note("warning: " + error.message);
  if (missing.empty()) {
    const std::string storage = invocation.layout.storage();
    const auto plan =
        compile_pod(*pod, images, ns::read_host_facts(storage), {.uid = "<uid>", .storage = storage}, name);
    if (!plan) return complain(plan.error());
  }
  const std::size_t count = pod->spec.containers.size();
  return print(fmt::format("{}: ok\npod {}/{}, {} container{}\n", name, pod->metadata.namespace_name,
                           pod->metadata.name, count, count == 1 ? "" : "s"));
}

}  // namespace podrun::supervisor::commands
