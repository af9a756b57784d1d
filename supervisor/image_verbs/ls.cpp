// podrun image ls: lists the images of this host.
#include <algorithm>

#include "pod/image/digest.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/image_verbs/image_list.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"

namespace podrun::supervisor::commands {
namespace {

/// Keeps the images that the operands name. An Error for each that is not there.
std::vector<CommandError> keep_named(std::vector<ShownImage>& images, const Invocation& invocation) {
  std::vector<CommandError> errors;
  std::vector<ShownImage> kept;
  for (const std::string& text : invocation.options.operands) {
    const auto folder = find_folder_image(invocation, text);
    const auto image = folder ? std::unexpected(Error{}) : find_known_image(invocation, text);
    if (!folder && !image)
      errors.push_back({status_of(image.error()), "podrun: image ls: " + image.error().message + "\n"});
    for (const ShownImage& each : images)
      if (folder ? each.folder == folder->rootfs : image && each.digest == image->record.summary.manifest_digest)
        kept.push_back(each);
  }
  images = std::move(kept);
  return errors;
}

}  // namespace

ExitStatus image_ls(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto stored = ns::ImageStore(invocation.layout.image_store()).list();
  if (!stored) return report_error(ExitStatus::Failed, stored.error().message);
  std::vector<ShownImage> images =
      shown_images(*stored, folder_images(invocation), pods_by_reference(invocation.layout));
  const ExitStatus status =
      options.operands.empty() ? ExitStatus::Succeeded : report_errors(keep_named(images, invocation));
  if (options.quiet) {
    std::string ids;
    for (const ShownImage& image : images)
      if (!image.id.empty()) ids += short_id(image.id) + "\n";
    return greatest(status, print(ids));
  }
  if (options.format == Format::Json) return greatest(status, print(to_json(images)));
  if (images.empty() && options.operands.empty()) note("no images");
  return images.empty() ? status : greatest(status, print(image_table(images, wall_now())));
}

}  // namespace podrun::supervisor::commands
