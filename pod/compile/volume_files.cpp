// Determines the files of configMap, secret, downwardAPI and projected volumes.
#include "pod/compile/volume_files.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "pod/environment/downward.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/quote.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

// The modes that the kubelet adds for fsGroup to a read-only volume: the group can read files and enter directories.
constexpr std::uint32_t group_reads = 0440, group_enters = 0550, set_group_id = 02000;

/// The path without repeated slashes and ".": "a//./b/" becomes "a/b".
std::string clean(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (!part.empty() && part != ".") result.append(result.empty() ? "" : "/").append(part);
  }
  return result;
}

/// Collects the files of one volume from its sources.
class VolumeFilesBuilder {
 public:
  VolumeFilesBuilder(const Pod& pod, const Volume& volume, const HostFacts& facts, std::string_view uid)
      : pod_(pod), volume_(volume), facts_(facts), uid_(uid) {}

  Result<> add(const ConfigMapFiles& source, std::int32_t mode) {
    const ConfigMap* object = pod_.objects.config_map(source.name);
    return add_keys(source, object == nullptr ? nullptr : &object->data, "ConfigMap", mode);
  }
  Result<> add(const SecretFiles& source, std::int32_t mode) {
    const Secret* object = pod_.objects.secret(source.name);
    return add_keys(source, object == nullptr ? nullptr : &object->data, "Secret", mode);
  }
  Result<> add(const DownwardApiFiles& source, std::int32_t mode) {
    for (const DownwardApiFile& file : source.items) {
      std::string text = TRY(std::visit([&](const auto& each) { return value_of(each); }, file.source));
      TRY_VOID(add(file.path, {.text = std::move(text), .secret = {}}, file.mode.value_or(mode)));
    }
    return {};
  }
  Result<> add(const ServiceAccountToken&, std::int32_t) { return {}; }
  Result<> add(const Projected& projected) {
    for (const Projection& source : projected.sources)
      TRY_VOID(std::visit([&](const auto& each) { return add(each, projected.default_mode); }, source));
    return {};
  }

  Result<VolumeFiles> take() && {
    VolumeFiles volume;
    for (auto& [path, file] : files_) {
      for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
        if (files_.contains(path.substr(0, slash)))
          return fault(
              fmt::format("{} is a file, so that {} cannot lie in it", escaped(path.substr(0, slash)), escaped(path)));
      volume.list.push_back(std::move(file));
    }
    if (const auto group = pod_.spec.security_context.fs_group) {
      volume.group = static_cast<std::uint32_t>(*group);
      volume.mode |= set_group_id;
      volume.below |= set_group_id | group_enters;
      for (VolumeFile& file : volume.list) file.mode |= group_reads;
    }
    return volume;
  }

 private:
  std::unexpected<Error> fault(std::string_view what) const {
    return fail(fmt::format("volume {}: {}", volume_.name, what));
  }

  template <typename Source>
  Result<> add_keys(const Source& source, const std::map<std::string, std::string>* data, std::string_view kind,
                    std::int32_t mode) {
    if (data == nullptr && source.optional) return {};
    if (data == nullptr) return fault(fmt::format("no document declares the {} {}", kind, source.name));
    const auto content = [&](const std::string& key, const std::string& text) {
      const bool secret = std::is_same_v<Source, SecretFiles>;
      return RedactedText{.text = text, .secret = secret ? fmt::format("{}/{}", source.name, key) : ""};
    };
    if (source.items.empty())
      for (const auto& [key, text] : *data) TRY_VOID(add(key, content(key, text), mode));
    for (const KeyToPath& item : source.items) {
      const auto found = data->find(item.key);
      if (found != data->end())
        TRY_VOID(add(item.path, content(item.key, found->second), item.mode.value_or(mode)));
      else if (!source.optional)
        return fault(fmt::format("the {} {} has no key {}", kind, source.name, in_quotes(item.key)));
    }
    return {};
  }

  Result<std::string> value_of(const FieldRef& field) const { return field_value(field.path, pod_, uid_, facts_); }
  Result<std::string> value_of(const ResourceFieldRef& resource) const {
    const auto& containers = pod_.spec.containers;
    const auto container = std::ranges::find(containers, resource.container_name, &Container::name);
    if (container == containers.end())
      return fault(fmt::format("no container is called {}", in_quotes(resource.container_name)));
    return resource_value(resource, *container, pod_, facts_);
  }

  Result<> add(std::string_view path, RedactedText content, std::int32_t mode) {
    std::string name = clean(path);
    if (name.empty()) return fault(fmt::format("{} is not the path of a file", in_quotes(path)));
    if (name.starts_with(".."))
      return fault(fmt::format("{}: names that begin with \"..\" are the volume's own", in_quotes(path)));
    files_[name] = {.path = name, .content = std::move(content), .mode = static_cast<std::uint32_t>(mode)};
    return {};
  }

  const Pod& pod_;
  const Volume& volume_;
  const HostFacts& facts_;
  std::string_view uid_;
  std::map<std::string, VolumeFile> files_;  ///< files by path
};

}  // namespace

bool holds_files(const Volume& volume) {
  return std::visit(Overloaded{[](const ConfigMapFiles&) { return true; },
                               [](const SecretFiles&) { return true; },
                               [](const DownwardApiFiles&) { return true; },
                               [](const Projected&) { return true; },
                               [](const EmptyDir&) { return false; },
                               [](const HostPath&) { return false; },
                               [](const ClaimVolume&) { return false; },
                               [](const ImageVolume&) { return false; }},
                    volume.source);
}

bool holds_secrets(const Volume& volume) {
  if (const auto* projected = std::get_if<Projected>(&volume.source))
    return std::ranges::any_of(projected->sources, [](const Projection& source) {
      return std::holds_alternative<SecretFiles>(source);
    });
  return std::holds_alternative<SecretFiles>(volume.source);
}

Result<VolumeFiles> volume_files(const Pod& pod, const Volume& volume, const HostFacts& facts, std::string_view uid) {
  VolumeFilesBuilder files(pod, volume, facts, uid);
  const auto add = [&](const auto& source) { return files.add(source, source.default_mode); };
  const auto nothing = [] { return Result<>(); };
  TRY_VOID(std::visit(Overloaded{[&](const ConfigMapFiles& source) { return add(source); },
                                 [&](const SecretFiles& source) { return add(source); },
                                 [&](const DownwardApiFiles& source) { return add(source); },
                                 [&](const Projected& source) { return files.add(source); },
                                 [&](const EmptyDir&) { return nothing(); },
                                 [&](const HostPath&) { return nothing(); },
                                 [&](const ClaimVolume&) { return nothing(); },
                                 [&](const ImageVolume&) { return nothing(); }},
                      volume.source));
  return std::move(files).take();
}

}  // namespace podrun::pod
