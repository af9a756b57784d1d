// podrun image prune: removes what is not used. podrun image verify: looks whether everything is as it was stored.
#include <fmt/format.h>

#include "namespaces/images/image_store.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/image_verbs/image_list.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"

namespace podrun::supervisor::commands {
namespace {

/// "1 image", "2 images".
std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string name_of(const ns::ListedImage& image) {
  const std::string id = short_id(image.summary.id);
  return image.names.empty() ? id : fmt::format("{} ({})", pod::joined(image.names, ", "), id);
}

}  // namespace

ExitStatus image_prune(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto scope = options.all ? ns::PruneScope::Unused : ns::PruneScope::Unnamed;
  const auto pruned = ns::ImageStore(invocation.layout.image_store()).prune(scope, options.dry_run);
  if (!pruned) return report_error(ExitStatus::Failed, "image prune: " + pruned.error().message);
  std::string text;
  for (const ns::ListedImage& image : pruned->images)
    text += fmt::format("{} {}\n", options.dry_run ? "would remove" : "removed", name_of(image));
  text += fmt::format("{} {}: {}, {}\n", options.dry_run ? "would free" : "freed", human_size(pruned->bytes),
                      counted(pruned->images.size(), "image"), counted(pruned->layers, "layer"));
  return print(text);
}

ExitStatus image_verify(const Invocation& invocation) {
  const auto verified = ns::ImageStore(invocation.layout.image_store()).verify();
  if (!verified) return report_error(ExitStatus::Failed, "image verify: " + verified.error().message);
  ExitStatus status = ExitStatus::Succeeded;
  for (const std::string& fault : verified->faults) status = greatest(status, report_error(ExitStatus::Failed, fault));
  if (!verified->faults.empty()) note("images with a fault are not used; pull or load them again");
  return greatest(status, print(fmt::format("{}, {}, {}: {}\n", counted(verified->images, "image"),
                                            counted(verified->layers, "layer"), human_size(verified->bytes),
                                            verified->faults.empty() ? "all as they were stored"
                                                                     : counted(verified->faults.size(), "fault"))));
}

}  // namespace podrun::supervisor::commands
