// Manifest → plan.
#include "supervisor/load.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/fd.hpp"
#include "namespaces/host_facts.hpp"
#include "namespaces/image_store.hpp"
#include "pod/diagnostic.hpp"
#include "pod/parse.hpp"
#include "pod/verify.hpp"
#include "supervisor/timeline.hpp"

namespace podrun::supervisor {
namespace {

// One byte more than pod::parse() accepts, so that it sees the excess.
constexpr std::size_t longest_read = (1 << 20) + 1;

std::unexpected<Refusal> unreadable(const std::string& path, int error) {
  if (error == EISDIR) return refuse(ExitStatus::Invalid, path + ": a directory; podrun wants one manifest");
  return refuse(ExitStatus::Invalid, fmt::format("{}: {}", path, ::strerror(error)));
}

/// A path without links, as far as it leads; where it cannot be followed, the start will say why.
std::string without_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

void resolve_host_paths(pod::Pod& pod, const HostPaths& known) {
  for (pod::Volume& volume : pod.spec.volumes) {
    auto* host = std::get_if<pod::HostPath>(&volume.source);
    if (host == nullptr) continue;
    const auto found = known.find(volume.name);
    host->path = found != known.end() ? found->second : without_links(host->path);
  }
}

}  // namespace

std::string display_name(const std::string& path) {
  return path == "-" ? "<stdin>" : path;
}

OrRefusal<std::string> read_manifest(const std::string& path) {
  Fd file;
  if (path != "-") file = Fd(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
  if (path != "-" && !file) return unreadable(path, errno);
  const int source = file ? file.get() : STDIN_FILENO;

  std::string text;
  char buffer[16 * 1024];
  while (text.size() < longest_read) {
    const ssize_t got = ::read(source, buffer, std::min(sizeof buffer, longest_read - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(display_name(path), errno);
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

OrRefusal<void> apply_namespace(pod::Pod& pod, const std::string& name, const std::string& namespace_name) {
  std::string& own = pod.metadata.namespace_name;
  if (!namespace_name.empty() && own != pod::Metadata{}.namespace_name && own != namespace_name)
    return refuse(ExitStatus::Invalid,
                  fmt::format("{}: the manifest's namespace is \"{}\", but --namespace says \"{}\"", name,
                              own, namespace_name));
  if (!namespace_name.empty()) own = namespace_name;
  return {};
}

OrRefusal<ParsedManifest> parse_manifest(const std::string& text, const std::string& name,
                                         const std::string& namespace_name, pod::Leniency leniency) {
  auto [pod, diagnostics] = pod::judge(text, leniency);
  std::erase_if(diagnostics, [](const pod::Diagnostic& d) { return d.severity == pod::Severity::Note; });
  std::string shown = diagnostics.empty() ? "" : pod::render(diagnostics, name, text);
  if (!pod) return std::unexpected(Refusal{ExitStatus::Invalid, std::move(shown)});
  if (auto placed = apply_namespace(*pod, name, namespace_name); !placed) return std::unexpected(std::move(placed.error()));
  return ParsedManifest{.pod = *std::move(pod), .warnings = std::move(shown)};
}

FoundImages find_images(const pod::Pod& pod, const std::vector<std::string>& roots) {
  FoundImages found;
  for (const std::string& reference : pod::image_references(pod)) {
    if (auto image = ns::find_image(reference, roots))
      found.images.emplace(reference, std::move(*image));
    else
      found.missing.push_back(std::move(image.error()));
  }
  return found;
}

OrRefusal<pod::PodPlan> compile_pod(const pod::Pod& pod, const pod::Images& images,
                                    const pod::HostFacts& facts, const pod::Placement& placement,
                                    const std::string& name) {
  auto plan = pod::compile(pod, images, facts, placement);
  if (!plan) return refuse(ExitStatus::Invalid, fmt::format("{}: {}", name, plan.error().message));
  if (const auto verified = pod::verify(*plan); !verified)
    return refuse(ExitStatus::Bug,
                  fmt::format("{}: this plan would break a law, which is a bug in podrun: {}", name,
                              verified.error().message));
  return std::move(*plan);
}

OrRefusal<Loaded> load(LoadRequest request) {
  auto parsed = parse_manifest(request.text, request.name, request.namespace_name, request.leniency);
  end_lap("manifest");
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  pod::Pod& pod = parsed->pod;
  resolve_host_paths(pod, request.host_paths);
  auto [images, missing] =
      request.images ? FoundImages{std::move(*request.images), {}} : find_images(pod, request.image_roots);
  end_lap("images");
  if (!missing.empty()) {
    Refusal refusal{ExitStatus::CannotStart, ""};
    for (const Error& error : missing) refusal.text += fmt::format("podrun: {}\n", error.message);
    return std::unexpected(std::move(refusal));
  }
  auto facts = ns::read_host_facts(request.storage);
  end_lap("host facts");
  const std::string& own_uid = pod.metadata.uid;
  auto plan =
      compile_pod(pod, images, facts,
                  {.uid = own_uid.empty() ? request.uid : own_uid, .storage = without_links(request.storage)},
                  request.name);
  if (!plan) return std::unexpected(std::move(plan.error()));
  end_lap("compile and verify");
  return Loaded{.pod = std::move(pod),
                .facts = std::move(facts),
                .plan = std::move(*plan),
                .text = std::move(request.text),
                .images = std::move(images),
                .warnings = std::move(parsed->warnings)};
}

}  // namespace podrun::supervisor
