// Fetches images from registries.
#include "namespaces/images/fetch_image.hpp"

#include <algorithm>
#include <functional>
#include <sstream>
#include <type_traits>
#include <utility>
#include <variant>

#include "namespaces/puller/puller_protocol.hpp"
#include "pod/image/digest.hpp"

namespace podrun::ns {
namespace {

/// What is written besides blobs, such as index.json, and rounding.
constexpr std::uint64_t slack = 8 << 20;

/// A Result whose error is about what was sent.
template <typename T>
FetchResult<T> as_sent(Result<T> result) {
  if (!result) return fail_nonsense(result.error().message);
  if constexpr (std::is_void_v<T>) return {};
  else return std::move(*result);
}

PullerTask skopeo_task(const FetchOptions& options, const RemoteImage& from, std::vector<std::string> words) {
  return {.name = puller::run_task,
          .who = options.who,
          .registry = from.reference.registry,
          .words = std::move(words),
          .credentials = from.credentials,
          .largest_file = slack};
}

/// The words that inspect and copy have in common. The options of the source have a prefix in copy.
void add_source_options(std::vector<std::string>& words, const std::string& prefix, const FetchOptions& options,
                        const RemoteImage& from) {
  if (options.without_tls) words.push_back("--" + prefix + "tls-verify=false");
  if (from.credentials < 0) words.push_back("--" + prefix + "no-creds");
  else words.push_back("--" + prefix + "authfile=" + puller::credentials_place);
}

FetchResult<std::string> inspect(const FetchOptions& options, const RemoteImage& from, const std::string& reference,
                                 bool config) {
  std::vector<std::string> words{"inspect", "--raw"};
  if (config) words.push_back("--config");
  add_source_options(words, "", options, from);
  words.push_back("docker://" + reference);
  const std::size_t longest = config ? pod::longest_image_config : pod::longest_manifest;
  return run_puller(options, skopeo_task(options, from, std::move(words)), {.longest_output = longest});
}

std::string by_digest(const RemoteImage& from, const std::string& digest) {
  return from.reference.name() + "@" + digest;
}

FetchResult<> check_digest(const std::string& text, const std::string& digest, const char* what) {
  if (const std::string found = pod::digest_of(text); found != digest)
    return fail_nonsense(std::string(what) + " that the registry sent has the digest " + found + ", not " + digest);
  return {};
}

/// The manifest for the platform, of an index.
FetchResult<> choose_manifest(const FetchOptions& options, const RemoteImage& from, const pod::ImageIndex& index,
                              DescribedImage& image) {
  const auto entry = pod::choose_from(index, options.platform);
  if (!entry) return fail_fetch(FetchFault::NotFound, presentable(entry.error().message));
  image.descriptor = entry->manifest;
  if (entry->manifest.size > pod::longest_manifest) return fail_nonsense("its manifest is longer than 4 MiB");
  image.manifest_text = TRY(inspect(options, from, by_digest(from, entry->manifest.digest), false));
  TRY_VOID(check_digest(image.manifest_text, entry->manifest.digest, "the manifest"));
  if (image.manifest_text.size() != entry->manifest.size)
    return fail_nonsense("the manifest " + entry->manifest.digest + " has another size than its index says");
  auto parsed = TRY(as_sent(pod::parse_manifest(image.manifest_text)));
  auto* manifest = std::get_if<pod::ImageManifest>(&parsed);
  if (manifest == nullptr) return fail_nonsense("the index leads to another index");
  image.manifest = std::move(*manifest);
  return {};
}

std::vector<LayerProgress> progress_of(const DescribedImage& image, const std::vector<bool>& is_here,
                                       const ArrivedBytes& arrived) {
  std::vector<LayerProgress> layers;
  for (std::size_t i = 0; i < image.manifest.layers.size(); ++i) {
    const pod::BlobDescriptor& blob = image.manifest.layers[i];
    const bool is_complete = !is_here[i] && arrived.complete.contains(blob.digest);
    layers.push_back({.digest = blob.digest,
                      .size = blob.size,
                      .arrived = is_here[i] || is_complete ? blob.size : 0,
                      .is_here = is_here[i],
                      .is_complete = is_complete});
  }
  // Files that are on their way have no digest in their name: the largest is taken for the largest layer.
  std::vector<LayerProgress*> missing;
  for (LayerProgress& layer : layers)
    if (layer.arrived < layer.size) missing.push_back(&layer);
  std::ranges::stable_sort(missing, std::greater(), [](const LayerProgress* layer) { return layer->size; });
  for (std::size_t i = 0; i < std::min(missing.size(), arrived.on_their_way.size()); ++i)
    missing[i]->arrived = std::min(missing[i]->size, arrived.on_their_way[i]);
  return layers;
}

FetchResult<> check_space(const DescribedImage& image, const std::vector<bool>& is_here, const PullFolder& folder) {
  std::uint64_t needed = slack;
  for (std::size_t i = 0; i < is_here.size(); ++i)
    if (!is_here[i] && __builtin_add_overflow(needed, image.manifest.layers[i].size, &needed)) needed = UINT64_MAX;
  const std::uint64_t free = TRY(folder.free_bytes());
  if (needed <= free) return {};
  return fail_fetch(FetchFault::NoSpace, "there is no space for it: its layers need " + std::to_string(needed >> 20) +
                                             " MiB, and " + std::to_string(free >> 20) + " MiB are free");
}

}  // namespace

FetchResult<std::vector<Repository>> repositories_for(const FetchOptions& options,
                                                      const pod::ImageReference& reference) {
  std::string name = reference.name();
  if (reference.is_short) {  // as it was written: without the registry, and without the folder of Docker Hub
    name = reference.repository;
    if (name.starts_with("library/")) name.erase(0, 8);
  }
  const PullerTask task{.name = puller::names_task,
                        .who = options.who,
                        .words = {reference.is_short ? puller::short_name : puller::full_name, name}};
  std::istringstream lines(TRY(run_puller(options, task, {.longest_output = 1 << 20})));
  std::vector<Repository> repositories;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Repository repository;
    words >> repository.name;
    for (std::string word; words >> word;) repository.registries.push_back(word);
    repositories.push_back(std::move(repository));
  }
  if (repositories.empty()) return fail_fetch(FetchFault::Other, "podrun-puller has not answered");
  return repositories;
}

FetchResult<DescribedImage> fetch_manifest(const FetchOptions& options, const RemoteImage& from) {
  DescribedImage image;
  std::string text = TRY(inspect(options, from, from.reference.canonical(), false));
  const std::string digest = pod::digest_of(text);
  if (!from.reference.digest.empty()) TRY_VOID(check_digest(text, from.reference.digest, "the manifest"));
  auto parsed = TRY(as_sent(pod::parse_manifest(text)));
  if (const auto* index = std::get_if<pod::ImageIndex>(&parsed)) {
    image.index_digest = digest;
    TRY_VOID(choose_manifest(options, from, *index, image));
    return image;
  }
  image.manifest = std::move(std::get<pod::ImageManifest>(parsed));
  image.descriptor = {.media_type = "", .digest = digest, .size = text.size()};
  image.manifest_text = std::move(text);
  return image;
}

FetchResult<> describe_config(const FetchOptions& options, std::string text, DescribedImage& image) {
  TRY_VOID(check_digest(text, image.manifest.config.digest, "the config"));
  image.config = TRY(as_sent(pod::parse_image_config_file(text)));
  TRY_VOID(as_sent(pod::check_image(image.manifest, image.config)));
  const auto suits = pod::check_platform(image.config, options.platform);
  if (!suits) return fail_fetch(FetchFault::NotFound, presentable(suits.error().message));
  image.config_text = std::move(text);
  return {};
}

FetchResult<> fetch_config(const FetchOptions& options, const RemoteImage& from, DescribedImage& image) {
  if (image.manifest.config.size > pod::longest_image_config) return fail_nonsense("its config is longer than 4 MiB");
  std::string text = TRY(inspect(options, from, by_digest(from, image.descriptor.digest), true));
  return describe_config(options, std::move(text), image);
}

FetchResult<> fetch_layers(const FetchOptions& options, const RemoteImage& from, const DescribedImage& image,
                           const std::vector<bool>& is_here, const PullFolder& folder,
                           const OnProgress& on_progress) {
  TRY_VOID(check_space(image, is_here, folder));
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < is_here.size(); ++i) {
    largest = std::max(largest, image.manifest.layers[i].size);
    if (is_here[i]) TRY_VOID(folder.stand_in_for(image.manifest.layers[i]));
  }
  std::vector<std::string> words{"--tmpdir=/staging/tmp", "copy", "--quiet", "--dest-shared-blob-dir=/staging/blobs",
                                 "--dest-oci-accept-uncompressed-layers", "--remove-signatures"};
  add_source_options(words, "src-", options, from);
  words.push_back("docker://" + by_digest(from, image.descriptor.digest));
  words.push_back("oci:/staging/oci:image");
  PullerTask task = skopeo_task(options, from, std::move(words));
  task.staging = folder.directory();
  task.largest_file = largest + slack;
  const auto look = [&] {
    const ArrivedBytes arrived = folder.look();
    if (on_progress) on_progress(progress_of(image, is_here, arrived));
    return arrived.total;
  };
  TRY_VOID(run_puller(options, task, {.longest_output = 1 << 20, .progress = look}));
  for (std::size_t i = 0; i < is_here.size(); ++i)
    if (!is_here[i]) TRY_VOID(as_sent(folder.open_blob(image.manifest.layers[i])));
  return {};
}

}  // namespace podrun::ns
