// podrun check: every mistake of a manifest, without a host to run it on.
#include <algorithm>

#include <fmt/format.h>

#include "namespaces/host_facts.hpp"
#include "pod/parse.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/load.hpp"
#include "supervisor/program.hpp"

namespace podrun::supervisor::commands {
namespace {

/// Whether the pod could be planned here. The image may be on another machine: where it is missing, only what depends on it
/// stays unchecked.
OrRefusal<void> check_plan(const pod::Pod& pod, const std::string& name, const Invocation& invocation) {
  const auto [images, missing] = find_images(pod, invocation.layout.image_roots(folder_of(invocation.program)));
  for (const Error& error : missing) note("warning: " + error.message);
  if (!missing.empty()) return {};
  const std::string storage = invocation.layout.storage();
  const auto plan = compile_pod(pod, images, ns::read_host_facts(storage), {.uid = "<uid>", .storage = storage}, name);
  if (!plan) return std::unexpected(plan.error());
  return {};
}

}  // namespace

ExitStatus check(const Invocation& invocation) {
  const Options& options = invocation.options;
  const std::string name = display_name(options.operands.front());
  const auto text = read_manifest(options.operands.front());
  if (!text) return complain(text.error());

  auto [judged, diagnostics] = pod::judge(*text, leniency_of(options));
  if (options.format == Format::Json) {
    const ExitStatus printed = print(to_json(diagnostics, name, judged.has_value()));
    return judged ? printed : ExitStatus::Invalid;
  }
  const auto notes = std::ranges::count(diagnostics, pod::Severity::Note, &pod::Diagnostic::severity);
  if (!options.verbose) std::erase_if(diagnostics, [](const auto& d) { return d.severity == pod::Severity::Note; });
  if (!diagnostics.empty()) warn(pod::render(diagnostics, name, *text));
  if (!judged) return ExitStatus::Invalid;
  pod::Pod& pod = *judged;
  if (const auto placed = apply_namespace(pod, name, options.namespace_name); !placed) return complain(placed.error());
  if (const auto planned = check_plan(pod, name, invocation); !planned) return complain(planned.error());

  const std::size_t count = pod.spec.containers.size();
  std::string out = fmt::format("{}: ok\npod {}/{}, {} container{}\n", name, pod.metadata.namespace_name,
                                pod.metadata.name, count, count == 1 ? "" : "s");
  if (notes > 0 && !options.verbose)
    out += fmt::format("{} field{} without effect on one node: podrun check -v tells why\n", notes, notes == 1 ? "" : "s");
  return print(out);
}

}  // namespace podrun::supervisor::commands
