// Images in archives and folders.
#include "namespaces/images/load_archive.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <utility>
#include <variant>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/puller/puller_protocol.hpp"
#include "pod/image/digest.hpp"
#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint64_t largest_archive = 64ULL << 30;
constexpr std::size_t most_images = 1000, longest_answer = 1 << 20;

/// Whether the puller, which is no user of this host, may read the file.
bool is_for_all(int file) {
  struct stat status;
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0;
}

FetchResult<ArchiveContents> read_answer(const std::string& text) {
  const auto value = pod::json::parse(text);
  if (!value) return fail_fetch(FetchFault::Other, "podrun-puller: " + presentable(value.error().message));
  std::string error;
  const pod::json::Reader answer(*value, error);
  ArchiveContents contents;
  const std::string kind = answer.text("kind");
  if (kind == puller::docker_archive) contents.kind = ArchiveKind::DockerArchive;
  if (kind == puller::oci_archive) contents.kind = ArchiveKind::OciArchive;
  for (const auto& each : answer.items("images")) {
    const auto image = answer.item(each);
    contents.images.push_back({.index = image.number<std::size_t>("index"), .names = image.texts("names")});
  }
  if (!error.empty()) return fail_fetch(FetchFault::Other, "podrun-puller: " + presentable(error));
  return contents;
}

/// A small file of a layout that somebody has written.
Result<std::string> read_in_layout(const Fd& folder, const char* name) {
  constexpr std::uint64_t inside = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const Fd place(sys::openat2(folder.get(), name, O_PATH, inside));
  if (!place) return fail_system(name);
  const Fd file = TRY(open_regular(place, O_RDONLY));
  if (!is_for_all(file.get()))
    return fail(std::string(name) + " is readable for its owner alone, and skopeo runs as another user: chmod -R o+rX");
  return read_all(file.get(), name, pod::longest_manifest);
}

/// The name of an image in index.json.
std::vector<std::string> names_of(const pod::json::Value& manifest) {
  const auto* annotations = manifest.find("annotations");
  const auto* name = annotations != nullptr ? annotations->find("org.opencontainers.image.ref.name") : nullptr;
  if (name == nullptr || name->string() == nullptr) return {};
  return {*name->string()};
}

/// The image as skopeo names it.
FetchResult<std::string> source_words(const ArchiveContents& contents, const ArchiveImage& image) {
  const std::string place = contents.source >= 0 ? std::string(puller::source_place)
                                                 : std::string(puller::staging_place) + "/" + copied_archive;
  if (contents.kind == ArchiveKind::DockerArchive)
    return "docker-archive:" + place + ":@" + std::to_string(image.index);
  const std::string transport = contents.kind == ArchiveKind::OciFolder ? "oci:" : "oci-archive:";
  if (!image.names.empty()) return transport + place + ":" + image.names.front();
  if (contents.images.size() > 1)
    return fail_nonsense("it has several images, of which one has no name: they cannot be told apart");
  return transport + place;
}

/// What skopeo has made: an index.json with one manifest.
FetchResult<DescribedImage> describe_loaded(const FetchOptions& options, const PullFolder& folder,
                                            const std::string& layout) {
  const std::string text = TRY(folder.read_file(layout + "/index.json", pod::longest_manifest));
  const auto index = pod::parse_manifest(text);
  if (!index) return fail_nonsense(index.error().message);
  const auto* list = std::get_if<pod::ImageIndex>(&*index);
  if (list == nullptr || list->entries.size() != 1) return fail_nonsense("it has no image that podrun can run");
  DescribedImage image;
  image.descriptor = list->entries.front().manifest;
  image.manifest_text = TRY(folder.read_blob(image.descriptor, pod::longest_manifest));
  auto manifest = pod::parse_manifest(image.manifest_text);
  if (!manifest) return fail_nonsense(manifest.error().message);
  if (!std::holds_alternative<pod::ImageManifest>(*manifest)) return fail_nonsense("its index leads to another index");
  image.manifest = std::get<pod::ImageManifest>(std::move(*manifest));
  std::string config = TRY(folder.read_blob(image.manifest.config, pod::longest_image_config));
  TRY_VOID(describe_config(options, std::move(config), image));
  return image;
}

}  // namespace

FetchResult<ArchiveContents> look_into_archive(const FetchOptions& options, const Fd& archive,
                                               const PullFolder& folder) {
  const bool is_in_place = is_for_all(archive.get()) && mount_of(archive.get(), "the archive");
  PullerTask task{.name = puller::archive_task,
                  .who = options.who,
                  .staging = folder.directory(),
                  .source = archive.get(),
                  .largest_file = largest_archive};
  if (!is_in_place) task.words = {puller::must_copy};
  const std::string answer = TRY(run_puller(options, task, {.longest_output = longest_answer, .is_patient = true}));
  ArchiveContents contents = TRY(read_answer(answer));
  if (!folder.open_file(copied_archive)) contents.source = archive.get();
  return contents;
}

FetchResult<ArchiveContents> look_into_folder(const Fd& folder) {
  const auto layout = read_in_layout(folder, "oci-layout");
  if (!layout) return fail_nonsense("this folder is no OCI image layout: " + layout.error().message);
  const std::string text = TRY(read_in_layout(folder, "index.json"));
  const auto index = pod::parse_foreign_json(text, pod::longest_manifest, "index.json");
  if (!index) return fail_nonsense(index.error().message);
  ArchiveContents contents{.kind = ArchiveKind::OciFolder};
  const auto* manifests = index->find("manifests");
  if (manifests == nullptr || manifests->items().empty()) return fail_nonsense("index.json lists no image");
  if (manifests->items().size() > most_images) return fail_nonsense("index.json lists more than 1,000 images");
  for (const auto& manifest : manifests->items())
    contents.images.push_back({.index = contents.images.size(), .names = names_of(manifest)});
  contents.source = folder.get();
  return contents;
}

FetchResult<DescribedImage> load_from_archive(const FetchOptions& options, const ArchiveContents& contents,
                                              const ArchiveImage& image, const PullFolder& folder) {
  const auto& [os, architecture, variant] = options.platform;
  Fd source_mount;  // each puller needs one of its own
  if (contents.source >= 0) source_mount = TRY(mount_of(contents.source, "what is loaded"));
  PullerTask task{.name = puller::run_task,
                  .who = options.who,
                  .words = {"--tmpdir=/staging/tmp", "--override-os=" + os, "--override-arch=" + architecture},
                  .staging = folder.directory(),
                  .source = source_mount.get(),
                  .largest_file = largest_archive};
  if (!variant.empty()) task.words.push_back("--override-variant=" + variant);
  const std::string source = TRY(source_words(contents, image));
  for (const char* word : {"copy", "--quiet", "--dest-shared-blob-dir=/staging/blobs",
                           "--dest-oci-accept-uncompressed-layers", "--remove-signatures"})
    task.words.emplace_back(word);
  // Each image gets an index.json of its own; skopeo would add to one that is there.
  const std::string layout = "oci-" + std::to_string(image.index);
  task.words.insert(task.words.end(), {source, std::string("oci:") + puller::staging_place + "/" + layout + ":image"});
  TRY_VOID(run_puller(options, task, {.longest_output = 1 << 20, .is_patient = true}));
  return describe_loaded(options, folder, layout);
}

}  // namespace podrun::ns
