// Brings images from archives and folders into the store.
#include "supervisor/images/load_image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "namespaces/images/load_archive.hpp"
#include "pod/image/digest.hpp"
#include "pod/json/json.hpp"
#include "supervisor/images/layer_work.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using ns::FetchFault;
using ns::FetchResult;

constexpr char layer_type[] = "application/vnd.oci.image.layer.v1.tar";
constexpr char config_type[] = "application/vnd.oci.image.config.v1+json";
constexpr char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";

template <typename T>
FetchResult<T> of_store(Result<T> result) {
  if (!result) return std::unexpected(error_of_store(result.error()));
  return std::move(*result);
}

/// One load.
class Load {
 public:
  Load(const ns::ImageStore& store, const ImageTools& tools, const ImageToLoad& request, const ns::Staging& staging,
       const ns::PullFolder& folder)
      : store_(store), tools_(tools), request_(request), staging_(staging), folder_(folder) {}

  FetchResult<std::vector<LoadedImage>> run() {
    const ns::ArchiveContents contents = TRY(request_.is_folder
                                                 ? ns::look_into_folder(request_.input)
                                                 : ns::look_into_archive(tools_.fetch, request_.input, folder_));
    std::vector<LoadedImage> loaded;
    if (contents.kind == ns::ArchiveKind::RootFileSystem) {
      loaded.push_back(TRY(load_root()));
      return loaded;
    }
    if (!request_.name.empty() && contents.images.size() > 1)
      return ns::fail_fetch(FetchFault::Other,
                            fmt::format("there are {} images, which cannot all have the name {}: leave --name out",
                                        contents.images.size(), request_.name));
    for (const ns::ArchiveImage& image : contents.images) loaded.push_back(TRY(load(contents, image)));
    return loaded;
  }

 private:
  /// The canonical forms of the names that an image has in its archive. One that is only a tag is left out.
  FetchResult<std::vector<std::string>> names_of(const ns::ArchiveImage& image) {
    std::vector<std::string> names;
    if (!request_.name.empty())
      return std::vector{pod::name_on_this_host(TRY(pod::parse_image_reference(request_.name)))};
    for (const std::string& name : image.names) {
      if (name.find_first_of("/:") == std::string::npos) continue;
      const auto reference = pod::parse_image_reference(name);
      if (!reference)
        return ns::fail_fetch(FetchFault::Nonsense, "an image in it has a name that is none: " +
                                                        ns::presentable(reference.error().message));
      names.push_back(reference->canonical());
    }
    return names;
  }

  FetchResult<LoadedImage> load(const ns::ArchiveContents& contents, const ns::ArchiveImage& entry) {
    const auto names = TRY(names_of(entry));
    const ns::DescribedImage image = TRY(ns::load_from_archive(tools_.fetch, contents, entry, folder_));
    // Each image gets folders of its own in staging.
    const ns::Staging staging = TRY(of_store(store_.stage()));
    LayerWork work = TRY(LayerWork::begin(store_, image, tools_.unpacker));
    TRY_VOID(work.finish(staging, folder_, tools_.fetch.cancel));
    return LoadedImage{.image = TRY(store_image(store_, tools_, staging, image, work, names)),
                       .names = names,
                       .notes = work.notes()};
  }

  /// The archive is the one layer.
  FetchResult<LoadedImage> load_root() {
    if (request_.name.empty())
      return ns::fail_fetch(FetchFault::Other,
                            "it has neither manifest.json nor index.json, so it is taken for the tar archive of a root "
                            "file system, which needs a name: --name NAME");
    Fd copy;
    if (auto opened = folder_.open_file(ns::copied_archive)) copy = std::move(*opened);
    const int blob = copy ? copy.get() : request_.input.get();
    const ns::Staging staging = TRY(of_store(store_.stage()));
    if (::mkdirat(staging.directory(), "0", 0700) < 0 || ::mkdirat(staging.directory(), "root", 0755) < 0)
      return std::unexpected(error_of_store(Error::system("staging")));
    const Fd root(::openat(staging.directory(), "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!root || ::fchmod(root.get(), 0755) < 0) return std::unexpected(error_of_store(Error::system("staging")));
    if (::lseek(blob, 0, SEEK_SET) < 0) return std::unexpected(Error::system("the archive"));
    auto unpacked = ns::start_unpacker(tools_.unpacker, {.name = "the layer", .blob = blob, .folder = root.get()});
    if (!unpacked) return std::unexpected(error_of_store(unpacked.error()));
    const auto report = unpacked->finish();
    if (!report) return std::unexpected(error_of_store(report.error()));
    if (::renameat(staging.directory(), "root", staging.directory(), "0/fs") < 0)
      return std::unexpected(error_of_store(Error::system("staging")));
    return commit_root(staging, *report);
  }

  FetchResult<LoadedImage> commit_root(const ns::Staging& staging, const unpacker::LayerReport& report) {
    const ns::DescribedImage image = TRY(describe_root(report));
    const pod::BlobDescriptor& blob = image.manifest.layers.front();
    const ns::NewLayer layer{.folder = "0",
                             .meta = {.diff_id = report.diff_id,
                                      .blob = blob.digest,
                                      .media_type = blob.media_type,
                                      .blob_size = blob.size,
                                      .size = report.bytes,
                                      .entries = report.entries,
                                      .tree = report.tree}};
    const auto held = TRY(of_store(store_.commit_layers(staging, std::span(&layer, 1))));
    const LayerWork work = TRY(LayerWork::begin(store_, image, tools_.unpacker));
    LoadedImage loaded{.names = TRY(names_of({}))};
    loaded.image = TRY(store_image(store_, tools_, staging, image, work, loaded.names));
    for (const auto& left_out : report.left_out)
      loaded.notes.push_back(fmt::format("left out: {} {}", left_out.count, left_out.what));
    return loaded;
  }

  /// The image that is made of one layer: its config says nothing but the platform.
  FetchResult<ns::DescribedImage> describe_root(const unpacker::LayerReport& report) {
    const auto& [os, architecture, variant] = tools_.fetch.platform;
    ns::DescribedImage image;
    json::Value config = json::object({{"architecture", architecture}, {"os", os}});
    if (!variant.empty()) config["variant"] = variant;
    config["config"] = json::object();
    config["rootfs"] = json::object({{"type", "layers"}, {"diff_ids", json::Value(std::vector{report.diff_id})}});
    image.config_text = json::dump(config);
    const auto descriptor = [](const char* type, const std::string& digest, std::uint64_t size) {
      return json::object({{"mediaType", type}, {"digest", digest}, {"size", size}});
    };
    json::Value layers = json::array();
    layers.push_back(descriptor(layer_type, report.blob_digest, report.blob_bytes));
    image.manifest_text = json::dump(json::object(
        {{"schemaVersion", 2},
         {"mediaType", manifest_type},
         {"config", descriptor(config_type, pod::digest_of(image.config_text), image.config_text.size())},
         {"layers", std::move(layers)}}));
    const auto manifest = TRY(pod::parse_manifest(image.manifest_text));
    image.manifest = std::get<pod::ImageManifest>(manifest);
    image.descriptor = {.media_type = manifest_type,
                        .digest = pod::digest_of(image.manifest_text),
                        .size = image.manifest_text.size()};
    TRY_VOID(ns::describe_config(tools_.fetch, image.config_text, image));
    return image;
  }

  const ns::ImageStore& store_;
  const ImageTools& tools_;
  const ImageToLoad& request_;
  const ns::Staging& staging_;
  const ns::PullFolder& folder_;
};

}  // namespace

FetchResult<std::vector<LoadedImage>> load_images(const ns::ImageStore& store, const ImageTools& tools,
                                                  const ImageToLoad& request) {
  const ns::Staging staging = TRY(of_store(store.stage()));
  const ns::PullFolder folder = TRY(of_store(ns::PullFolder::make_in(staging.directory())));
  return Load(store, tools, request, staging, folder).run();
}

}  // namespace podrun::supervisor
