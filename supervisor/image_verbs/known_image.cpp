// Images by what a command line says.
#include "supervisor/image_verbs/known_image.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>

#include "namespaces/launch/image_store.hpp"
#include "pod/image/digest.hpp"
#include "pod/image/image_reference.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

/// "busybox" and "busybox:latest" are the same.
std::string with_tag(const std::string& reference) {
  const std::size_t slash = reference.rfind('/'), colon = reference.rfind(':');
  const bool has_tag = colon != reference.npos && (slash == reference.npos || colon > slash);
  return has_tag ? reference : reference + ":latest";
}

/// What an image may be that the store does not have.
std::string hint_for(const Invocation& invocation, const std::string& text) {
  if (const auto folder = find_folder_image(invocation, text))
    return fmt::format(": it is a folder, {}, and not in the store", folder->rootfs);
  return fmt::format("; {} image ls lists all", invocation.layout.command());
}

/// Whether a reference of a manifest leads to an image of the store.
bool leads_to(const std::string& text, const ns::ListedImage& image) {
  const auto reference = pod::parse_image_reference(text);
  if (!reference) return false;
  if (!reference->digest.empty())
    return reference->digest == image.summary.manifest_digest || reference->digest == image.summary.index_digest;
  const auto is_its = [&](const std::string& name) { return std::ranges::count(image.names, name) > 0; };
  return std::ranges::any_of(names_to_look_for(*reference), is_its);
}

}  // namespace

std::vector<FolderImage> folder_images(const Invocation& invocation) {
  std::vector<FolderImage> images;
  const auto roots = invocation.layout.image_roots(folder_of(invocation.program));
  for (const std::string& reference : ns::images_below(roots))
    if (auto image = ns::find_image(reference, roots)) images.push_back({reference, std::move(image->rootfs)});
  return images;
}

std::optional<FolderImage> find_folder_image(const Invocation& invocation, const std::string& reference) {
  // The reference becomes part of a path.
  if (!pod::parse_image_reference(reference)) return {};
  const auto image = ns::find_image(reference, invocation.layout.image_roots(folder_of(invocation.program)));
  if (!image) return {};
  return FolderImage{reference, image->rootfs};
}

Result<ns::HeldImage> find_known_image(const Invocation& invocation, const std::string& text) {
  const ns::ImageStore store(invocation.layout.image_store());
  const auto reference = pod::parse_image_reference(text);
  ns::FoundImage found = reference ? TRY(store.find(*reference)) : ns::FoundImage{};
  const bool may_be_id = pod::is_hex(text.starts_with("sha256:") ? text.substr(7) : text);
  if (!found.image && found.damage.empty() && may_be_id) found = TRY(store.find_id(text));
  if (found.image) return std::move(*found.image);
  if (!found.damage.empty())
    return fail(fmt::format("image {} is damaged: {}; pull or load it again", pod::in_quotes(text), found.damage),
                ENOENT);
  if (!reference && !may_be_id) return std::unexpected(reference.error());
  return fail(fmt::format("there is no image {} on this host{}", pod::in_quotes(text), hint_for(invocation, text)),
              ENOENT);
}

ExitStatus status_of(const Error& error) {
  switch (error.number) {
    case ENOENT:
    case EBUSY:
      return ExitStatus::NameConflict;
    case EINVAL:
    case EEXIST:
      return ExitStatus::Invalid;
    default:
      return ExitStatus::Failed;
  }
}

PodsByReference pods_by_reference(const Layout& layout) {
  PodsByReference pods;
  for (const std::string& id : known_pods(layout)) {
    if (!is_running(layout, id)) continue;
    const auto record = read_state(layout, id);
    if (!record) continue;
    std::set<std::string> references;
    for (const ContainerRecord& container : record->containers) {
      references.insert(container.image);
      if (!container.image_id.empty()) references.insert(container.image_id);  // the name may lead elsewhere by now
    }
    for (const std::string& reference : references) pods[reference].push_back(pod::pod_name(id));
  }
  return pods;
}

std::vector<std::string> users_of(const ns::ListedImage& image, const PodsByReference& pods) {
  std::set<std::string> users;
  if (!image.is_held) return {};
  for (const auto& [text, names] : pods)
    if (text == image.summary.id || leads_to(text, image)) users.insert(names.begin(), names.end());
  return {users.begin(), users.end()};
}

std::vector<std::string> users_of(const FolderImage& image, const PodsByReference& pods) {
  for (const auto& [text, names] : pods)
    if (with_tag(text) == with_tag(image.reference)) return names;
  return {};
}

}  // namespace podrun::supervisor
