// Starts podrun-unpacker (namespaces/unpacker/main.cpp says with which rights): a process for each layer, as many at once
// as there are processors.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/images/unpack_report.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The program at which open_program() looks.
inline constexpr char unpacker_name[] = "podrun-unpacker";

/// A layer to unpack. The descriptors stay the caller's.
struct LayerToUnpack {
  std::string name;         ///< for messages and the command line: "layer 3 of 10"
  int blob;                 ///< opened for reading, at its beginning; a pipe will do
  int folder;               ///< an empty folder, which becomes the layer's root; opened in any way
  std::string diff_id{};      ///< what the layer should be; "" is not known
  std::string blob_digest{};  ///< likewise
  std::optional<std::uint64_t> blob_bytes{};
  std::uint64_t most_bytes = unpacker::most_bytes;
  std::uint64_t most_entries = unpacker::most_entries;
};

/// An unpacker that runs. It ends with the process that started it. Destroying this object kills it and waits for it.
class LayerUnpacking {
 public:
  LayerUnpacking(LayerUnpacking&&) = default;
  LayerUnpacking& operator=(LayerUnpacking&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(process_, other.process_);
    std::swap(report_, other.report_);
    return *this;
  }
  ~LayerUnpacking();

  pid_t pid() const { return process_.pid; }
  /// Becomes readable when it has ended, or says something: finish() is due then.
  int report() const { return report_.get(); }
  /// Waits for its end. The error names the layer; a folder whose layer has an error is of no use.
  Result<unpacker::LayerReport> finish();

 private:
  friend Result<LayerUnpacking> start_unpacker(int, const LayerToUnpack&);
  LayerUnpacking(std::string name, Process process, Fd report)
      : name_(std::move(name)), process_(std::move(process)), report_(std::move(report)) {}

  std::string name_;
  Process process_;
  Fd report_;
};

/// Starts one. `program` is podrun-unpacker, from open_program(). An error: there is no process.
Result<LayerUnpacking> start_unpacker(int program, const LayerToUnpack& layer);

/// Unpacks layers, `at_once` at the same time; 0 is as many as there are processors for the caller. The reports are in
/// the layers' order. After an error nothing runs any more.
Result<std::vector<unpacker::LayerReport>> unpack_layers(int program, std::span<const LayerToUnpack> layers,
                                                         unsigned at_once = 0);

}  // namespace podrun::ns
