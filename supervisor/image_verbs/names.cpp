// podrun image tag: gives an image another name. podrun image rm: removes names, and images with their last name.
#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"
#include "supervisor/image_verbs/known_image.hpp"

namespace podrun::supervisor::commands {
namespace {

/// Who uses an image that cannot be removed.
std::string in_use(const Invocation& invocation, const std::string& text, const ns::ListedImage& image) {
  ns::ListedImage held = image;
  held.is_held = true;
  const std::vector<std::string> users = users_of(held, pods_by_reference(invocation.layout));
  if (users.empty())
    return fmt::format("image {} is in use: by a pod, or by a podrun that starts one or pulls it",
                       pod::in_quotes(text));
  return fmt::format("image {} is used by {}; stop it first: {} stop {}", pod::in_quotes(text),
                     pod::joined(users, ", "), invocation.layout.command(), pod::joined(users, " "));
}

/// The image of the list to which a manifest's digest belongs.
Result<ns::ListedImage> listed(const ns::ImageStore& store, const std::string& manifest) {
  const auto images = TRY(store.list());
  for (const ns::ListedImage& image : images)
    if (image.summary.manifest_digest == manifest) return image;
  return fail("it has just been removed", ENOENT);
}

/// Removes the first of the names that a reference may be. ENOENT: there is none of them.
Result<ns::Pruned> remove_by_name(const ns::ImageStore& store, const std::string& text) {
  const auto reference = pod::parse_image_reference(text);
  if (!reference) return fail("", ENOENT);
  const std::vector<std::string> names = names_to_look_for(*reference);
  for (const std::string& name : names) {
    auto removed = store.remove_name(name);
    if (removed || removed.error().number != ENOENT) return removed;
  }
  return fail("", ENOENT);
}

/// Removes an image that an id or a digest names, unless it has several names.
Result<ns::Pruned> remove_by_id(const Invocation& invocation, const ns::ImageStore& store, const std::string& text) {
  std::string manifest;
  {
    const auto image = TRY(find_known_image(invocation, text));  // it is held no longer than that
    manifest = image.record.summary.manifest_digest;
  }
  const ns::ListedImage image = TRY(listed(store, manifest));
  if (image.names.size() > 1)
    return fail(fmt::format("image {} has several names: {}; remove these", pod::in_quotes(text),
                            pod::joined(image.names, ", ")),
                EEXIST);
  auto removed = store.remove_image(manifest);
  if (!removed && removed.error().number == EBUSY) return fail(in_use(invocation, text, image), EBUSY);
  return removed;
}

Result<ns::Pruned> remove_image(const Invocation& invocation, const ns::ImageStore& store, const std::string& text) {
  auto removed = remove_by_name(store, text);
  if (removed || (removed.error().number != ENOENT && removed.error().number != EBUSY)) return removed;
  if (removed.error().number == ENOENT) return remove_by_id(invocation, store, text);
  const auto image = TRY(find_known_image(invocation, text));
  return fail(in_use(invocation, text, TRY(listed(store, image.record.summary.manifest_digest))), EBUSY);
}

}  // namespace

ExitStatus image_tag(const Invocation& invocation) {
  const std::string &text = invocation.options.operands[0], &name = invocation.options.operands[1];
  const auto reference = pod::parse_image_reference(name);
  if (!reference) return report_error(ExitStatus::Invalid, "image tag: " + reference.error().message);
  if (!reference->digest.empty())
    return report_error(
        ExitStatus::Invalid,
        fmt::format("image tag: {} has a digest, which is no name that can be given", pod::in_quotes(name)));
  const auto image = find_known_image(invocation, text);
  if (!image) return report_error(status_of(image.error()), "image tag: " + image.error().message);
  const Result<> tagged =
      ns::ImageStore(invocation.layout.image_store()).tag(*image, {.canonical = name_on_this_host(*reference)});
  return tagged ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, "image tag: " + tagged.error().message);
}

ExitStatus image_rm(const Invocation& invocation) {
  const ns::ImageStore store(invocation.layout.image_store());
  ExitStatus status = ExitStatus::Succeeded;
  for (const std::string& text : invocation.options.operands) {
    const auto removed = remove_image(invocation, store, text);
    if (!removed)
      status = greatest(status, report_error(status_of(removed.error()), "image rm: " + removed.error().message));
    else if (!removed->images.empty())
      status = greatest(status, print(fmt::format("removed {}, freed {}\n", text, human_size(removed->bytes))));
    else
      status = greatest(status, print(fmt::format("removed the name {}\n", text)));
  }
  return status;
}

}  // namespace podrun::supervisor::commands
