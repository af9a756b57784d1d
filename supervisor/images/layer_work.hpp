// Unpacks the layers of an image that the store lacks, each as soon as its blob is there.
#pragma once

#include <string>
#include <vector>

#include "namespaces/images/fetch_image.hpp"
#include "namespaces/images/image_store.hpp"
#include "namespaces/images/unpack_layers.hpp"

namespace podrun::supervisor {

/// The layers of one image on their way into the store. Destroying it ends the unpackers that run.
class LayerWork {
 public:
  /// Holds the layers that are there. All arguments must outlive it. `unpacker` is podrun-unpacker.
  static ns::FetchResult<LayerWork> begin(const ns::ImageStore& store, const ns::DescribedImage& image, int unpacker);

  /// For each layer whether the store has it, or has another layer of this image that is the same.
  const std::vector<bool>& is_here() const { return is_here_; }

  /// Looks after what runs, and unpacks layers whose blobs are complete, as many at once as there are processors.
  /// Never waits. What fails is told by finish().
  void advance(std::span<const ns::LayerProgress> layers, const ns::Staging& staging, const ns::PullFolder& folder);

  /// Unpacks the rest, waits, moves all into the store, and holds all layers. Gives up once `cancel` is readable.
  ns::FetchResult<> finish(const ns::Staging& staging, const ns::PullFolder& folder, int cancel);

  /// The layers for the record, the lowest first. After finish().
  std::vector<pod::ImageSummary::Layer> summary() const;
  /// What layers have that was left out, one line each. After finish().
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  LayerWork(const ns::DescribedImage& image, const ns::ImageStore& store, int unpacker)
      : image_(&image), store_(&store), unpacker_(unpacker) {}

  struct Running {
    std::size_t layer;
    ns::LayerUnpacking unpacking;
  };

  Result<> start(std::size_t layer, const ns::Staging& staging, const ns::PullFolder& folder);
  Result<> reap();
  void note_error(const Result<>& result);
  Result<> add(std::size_t layer, const unpacker::LayerReport& report);

  const ns::DescribedImage* image_;
  const ns::ImageStore* store_;
  int unpacker_;
  std::vector<bool> is_here_, is_started_;
  std::vector<ns::HeldLayer> held_;
  std::vector<ns::NewLayer> made_;
  std::vector<Running> running_;
  std::vector<std::string> notes_;
  std::optional<Error> error_;
};

/// The kind of an error of the store or of an unpacker.
ns::FetchError error_of_store(const Error& error);

}  // namespace podrun::supervisor
