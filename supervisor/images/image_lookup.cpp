// Finds the images of pods on this host.
#include "supervisor/images/image_lookup.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/images/store_records.hpp"
#include "namespaces/launch/image_store.hpp"
#include "namespaces/paths/layer_stack.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "pod/image/image_config.hpp"
#include "pod/image/image_reference.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t longest_account_file = 1 << 20;

/// Whether an image is missing, rather than a directory that the manifest names.
bool is_missing(const std::string& reference, const Error& error) {
  return error.number == ENOENT && !reference.starts_with("rootfs:");
}

/// A small file of an image; "" if it has none.
Result<std::string> read_inside(const ns::LayerStack& root, const std::string& path) {
  const auto place = root.follow(path);
  if (!place) return std::string{};
  auto text = ns::read_regular(place->front(), longest_account_file);
  if (!text && text.error().number == EINVAL) return std::string{};
  if (!text) return fail(fmt::format("{}: {}", path, text.error().message), text.error().number);
  return text;
}

/// What `status.containerStatuses[].imageID` says of an image: by which digest its registry knows it. One that was not
/// pulled has the digest of its config.
std::string id_of(const pod::ImageReference& reference, const pod::ImageSummary& summary, const std::string& store) {
  const auto folders = ns::open_store_folders(store);
  if (!folders || !*folders) return summary.id;
  for (const std::string& canonical : pod::names_to_look_for(reference)) {
    const auto name = ns::read_name(**folders, canonical);
    if (!name || !*name || (*name)->manifest != summary.manifest_digest || (*name)->resolved.empty()) continue;
    const auto its = pod::parse_image_reference(canonical);
    if (its) return its->name() + "@" + (*name)->resolved;
  }
  return reference.digest.empty() ? summary.id : reference.name() + "@" + reference.digest;
}

/// An image of the store as the compiler takes it.
Result<LocalImage> to_local(const std::string& reference, std::string id, ns::HeldImage held) {
  const auto config = TRY(pod::parse_image_config_file(held.record.config));
  LocalImage found{.image = {.reference = reference,
                             .config = config.config,
                             .layers = std::move(held.layers),
                             .id = std::move(id),
                             .user_xattr = true},
                   .lock = std::move(held.lock)};
  const ns::LayerStack root = TRY(ns::LayerStack::open(found.image.layers));
  found.image.passwd = TRY(read_inside(root, "etc/passwd"));
  found.image.group = TRY(read_inside(root, "etc/group"));
  return found;
}

/// The store below a path without links.
Result<std::string> resolved_store(const std::string& store, const std::vector<ns::WritablePlace>& writable) {
  std::error_code error;
  return ns::resolve_host_path(std::filesystem::absolute(store, error).string(), writable);
}

std::unexpected<Error> not_in_store(const std::string& reference, const std::string& damage) {
  return fail(fmt::format("image {}: {}", reference,
                          damage.empty() ? "not found on this host" : "damaged on this host: " + damage),
              ENOENT);
}

Result<LocalImage> look_in_roots(const std::string& reference, const std::vector<std::string>& roots,
                                 const std::vector<ns::WritablePlace>& writable) {
  LocalImage found{.image = TRY(ns::find_image(reference, roots))};
  std::error_code error;
  auto rootfs = ns::resolve_host_path(std::filesystem::absolute(found.image.rootfs, error).string(), writable);
  if (!rootfs) return fail(fmt::format("image {}: {}", reference, rootfs.error().message), rootfs.error().number);
  found.image.rootfs = std::move(*rootfs);
  return found;
}

/// Looks in the roots, then in the store. `is_of_store` says where it was found.
Result<LocalImage> look_up(const std::string& reference, const ImagePlaces& places,
                           const std::vector<ns::WritablePlace>& writable) {
  auto found = look_in_roots(reference, places.roots, writable);
  if (found || places.store.empty() || !is_missing(reference, found.error())) return found;
  const auto its = pod::parse_image_reference(reference);
  if (!its) return fail(fmt::format("image {}: {}", reference, its.error().message), EINVAL);
  const std::string path = TRY(resolved_store(places.store, writable));
  auto stored = TRY(ns::ImageStore(path).find(*its));
  if (!stored.image && stored.damage.empty()) return found;
  if (!stored.image) return not_in_store(reference, stored.damage);
  std::string id = id_of(*its, stored.image->record.summary, path);
  return to_local(reference, std::move(id), std::move(*stored.image));
}

int rank(pod::PullPolicy policy) {
  switch (policy) {
    case pod::PullPolicy::Never: return 0;
    case pod::PullPolicy::IfNotPresent: return 1;
    case pod::PullPolicy::Always: return 2;
  }
  __builtin_unreachable();
}

/// Why an image that is missing is not fetched; "" if nothing is fetched at all.
std::string_view why_not_fetched(const std::string& reference, pod::PullPolicy policy, Fetching fetching) {
  if (fetching == Fetching::No) return "";
  if (pod::is_of_this_host(reference)) return ", and images of localhost are never fetched";
  return policy == pod::PullPolicy::Never ? ", and imagePullPolicy is Never (ErrImageNeverPull)" : "";
}

bool is_fetched(const std::string& reference, pod::PullPolicy policy, Fetching fetching) {
  return fetching != Fetching::No && policy != pod::PullPolicy::Never && !pod::is_of_this_host(reference) &&
         pod::parse_image_reference(reference).has_value();
}

}  // namespace

Result<LocalImage> find_image(const std::string& reference, const ImagePlaces& places,
                              const std::vector<ns::WritablePlace>& writable) {
  auto found = look_up(reference, places, writable);
  if (!found && is_missing(reference, found.error())) found.error().message += ns::image_hint(reference, places.roots);
  return found;
}

Result<LocalImage> find_stored_image(const std::string& reference, const std::string& name, const std::string& store) {
  const std::string path = TRY(resolved_store(store, {}));
  const ns::ImageStore images(path);
  if (name.starts_with("sha256:")) {
    auto found = TRY(images.find_id(name));
    if (!found.image) return not_in_store(reference, found.damage);
    return to_local(reference, name, std::move(*found.image));
  }
  const auto its = TRY(pod::parse_image_reference(name));
  auto found = TRY(images.find(its));
  if (!found.image) return not_in_store(reference, found.damage);
  std::string id = id_of(its, found.image->record.summary, path);
  return to_local(reference, std::move(id), std::move(*found.image));
}

std::map<std::string, WantedImage> wanted_images(const pod::Pod& pod) {
  std::map<std::string, WantedImage> wanted;
  const auto add = [&](const std::string& reference, const std::optional<pod::PullPolicy>& written) {
    const WantedImage its{.policy = pod::pull_policy_of(written, reference), .is_default = !written};
    const auto [known, is_new] = wanted.try_emplace(reference, its);
    if (is_new) return;
    known->second.is_default = known->second.is_default && its.is_default;
    if (rank(its.policy) > rank(known->second.policy)) known->second.policy = its.policy;
  };
  for (const auto& container : pod.spec.containers) add(container.image, container.pull_policy);
  for (const auto& volume : pod.spec.volumes)
    if (const auto* image = std::get_if<pod::ImageVolume>(&volume.source)) add(image->reference, image->pull_policy);
  return wanted;
}

ImageLookup find_images(const pod::Pod& pod, const ImagePlaces& places, const std::vector<ns::WritablePlace>& writable,
                        Fetching fetching) {
  ImageLookup found;
  std::string missing;  // the last one
  for (const auto& [reference, wanted] : wanted_images(pod)) {
    auto image = look_up(reference, places, writable);
    const bool is_of_store = image && !image->image.layers.empty();
    const bool is_asked_for =
        fetching == Fetching::Yes && wanted.policy == pod::PullPolicy::Always && is_of_store;
    if (image && !(is_asked_for && is_fetched(reference, wanted.policy, fetching))) {
      if (image->lock) found.locks.emplace(reference, std::move(image->lock));
      found.images.emplace(reference, std::move(image->image));
    } else if (image || (is_missing(reference, image.error()) && is_fetched(reference, wanted.policy, fetching))) {
      found.awaited.insert(reference);
      if (!image)
        found.to_fetch.emplace(reference,
                               Error{fmt::format("image {}: not found on this host: a start fetches it", reference)});
    } else {
      if (is_missing(reference, image.error())) {
        missing = reference;
        std::string& words = image.error().message;
        words.insert(std::min(words.find('\n'), words.size()), why_not_fetched(reference, wanted.policy, fetching));
      }
      found.missing.emplace(reference, std::move(image.error()));
    }
  }
  // What there is instead is said once.
  if (!missing.empty()) found.missing.at(missing).message += ns::image_hint(missing, places.roots);
  return found;
}

}  // namespace podrun::supervisor
