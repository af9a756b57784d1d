// Manifest → plan: everything that must be well before anything is created.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pod/compile.hpp"
#include "pod/host_facts.hpp"
#include "pod/plan.hpp"
#include "pod/report.hpp"
#include "pod/result.hpp"
#include "pod/spec.hpp"
#include "supervisor/record.hpp"
#include "supervisor/refusal.hpp"

namespace podrun::supervisor {

/// How messages call a manifest: its path, or "<stdin>" for "-".
std::string display_name(const std::string& path);

/// The text of a manifest; "-" is standard input. Reads no more than shows that it is too long.
OrRefusal<std::string> read_manifest(const std::string& path);

/// Puts a pod into -n's namespace, or into its own where that is empty; one that names another is refused, as kubectl does.
OrRefusal<void> apply_namespace(pod::Pod& pod, const std::string& name, const std::string& namespace_name);

/// A Pod, and what else there is to say of its manifest, ready to be shown.
struct ParsedManifest {
  pod::Pod pod;
  std::string warnings;
};

/// Text → Pod; a refusal holds every mistake. `namespace_name` is that of apply_namespace().
OrRefusal<ParsedManifest> parse_manifest(const std::string& text, const std::string& name,
                                         const std::string& namespace_name, pod::Leniency leniency);

/// A pod's images, and what is said of those that cannot be had.
struct FoundImages {
  pod::Images images;
  std::vector<Error> missing;
};
FoundImages find_images(const pod::Pod& pod, const std::vector<std::string>& roots);

/// Compiles and verifies.
OrRefusal<pod::PodPlan> compile_pod(const pod::Pod& pod, const pod::Images& images,
                                    const pod::HostFacts& facts, const pod::Placement& placement,
                                    const std::string& name);

/// All of it.
struct Loaded {
  pod::Pod pod;
  pod::HostFacts facts;
  pod::PodPlan plan;
  std::string text;  ///< the manifest
  pod::Images images;
  std::string warnings;  ///< of the manifest, ready to be shown
};

/// What load() works with. The pod it returns has hostPaths without links: where they led at the pod's start, before one of
/// its containers could change them by another volume.
struct LoadRequest {
  std::string text;
  std::string name;                      ///< display_name()
  std::string namespace_name;            ///< -n, or empty
  std::string uid;                       ///< for a manifest that has none
  std::string storage;                   ///< Layout::storage()
  std::vector<std::string> image_roots;  ///< Layout::image_roots()
  std::optional<pod::Images> images;     ///< those of the pod's start; none: they are looked up
  pod::Leniency leniency = pod::Leniency::Strict;
  HostPaths host_paths;                  ///< those of the pod's start; what is not among them is looked up
};

/// Parses, finds the images, reads the host's facts, compiles, verifies. A mistake in the manifest is
/// Invalid, an image that the host lacks CannotStart.
OrRefusal<Loaded> load(LoadRequest request);

}  // namespace podrun::supervisor
