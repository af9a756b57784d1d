// What registries.conf(5) makes of a name. Followed: containers/image, sysregistriesv2 and shortnames.
#include "namespaces/puller/short_names.hpp"

#define TOML_EXCEPTIONS 0
#include <dirent.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "namespaces/kernel/files.hpp"

namespace podrun::puller {
namespace {

constexpr char main_file[] = "/etc/containers/registries.conf", more_files[] = "/etc/containers/registries.conf.d";

/// What the files say of one name. An alias that is "" takes an earlier one back.
struct Found {
  std::optional<std::string> alias;
  std::vector<std::string> search;
};

/// A name of Docker Hub without a folder is in "library".
std::string in_registry(const std::string& registry, std::string_view name) {
  const bool is_in_library = registry == "docker.io" && name.find('/') == std::string_view::npos;
  return registry + (is_in_library ? "/library/" : "/") + std::string(name);
}

Result<toml::table> parse(const RegistriesFile& file) {
  toml::parse_result parsed = toml::parse(file.text, file.path);
  if (parsed) return std::move(parsed).table();
  const auto line = std::to_string(parsed.error().source().begin.line);
  return fail(file.path + ":" + line + ": " + std::string(parsed.error().description()));
}

Result<> read_search(const RegistriesFile& file, const toml::node_view<const toml::node> search, Found& found) {
  if (!search) return {};
  const toml::array* list = search.as_array();
  if (list == nullptr) return fail(file.path + ": unqualified-search-registries is no list of registries");
  found.search.clear();
  for (const toml::node& item : *list) {
    const auto registry = item.value<std::string>();
    if (!registry || registry->empty() || registry->find('/') != std::string::npos)
      return fail(file.path + ": unqualified-search-registries: each is a text such as \"registry.example:5000\"");
    found.search.push_back(*registry);
  }
  return {};
}

Result<> read_alias(const RegistriesFile& file, const toml::table& table, std::string_view name, Found& found) {
  const toml::table* aliases = table["aliases"].as_table();
  const toml::node* alias = aliases == nullptr ? nullptr : aliases->get(name);
  if (alias == nullptr) return {};
  const auto value = alias->value<std::string>();
  if (!value) return fail(file.path + ": the alias of \"" + std::string(name) + "\" is no text");
  if (!value->empty() && value->find('/') == std::string::npos)
    return fail(file.path + ": the alias of \"" + std::string(name) + "\" names no registry: \"" + *value + "\"");
  found.alias = *value;
  return {};
}

Result<> read_into(const RegistriesFile& file, std::string_view name, Found& found) {
  const toml::table table = TRY(parse(file));
  TRY_VOID(read_search(file, table["unqualified-search-registries"], found));
  TRY_VOID(read_search(file, table["registries"]["search"]["registries"], found));  // version 1 of the format
  return read_alias(file, table, name, found);
}

std::string registry_of(std::string_view location) { return std::string(location.substr(0, location.find('/'))); }

/// Whether a prefix of a table [[registry]] is one of a repository: whole parts of it, or "*.example.com".
bool is_prefix(std::string_view prefix, std::string_view repository) {
  if (prefix.starts_with("*.")) return registry_of(repository).ends_with(prefix.substr(1));
  if (prefix.empty() || !repository.starts_with(prefix)) return false;
  return repository.size() == prefix.size() || repository[prefix.size()] == '/';
}

/// A table [[registry]]: where it leads.
struct RegistryTable {
  std::string prefix;
  std::vector<std::string> registries;
};

RegistryTable read_registry(const toml::table& table) {
  RegistryTable read;
  const auto location = table["location"].value_or(std::string());
  read.prefix = table["prefix"].value_or(location);
  if (!location.empty()) read.registries.push_back(registry_of(location));
  if (const toml::array* mirrors = table["mirror"].as_array())
    for (const toml::node& mirror : *mirrors)
      if (const toml::table* each = mirror.as_table())
        read.registries.push_back(registry_of((*each)["location"].value_or(std::string())));
  return read;
}

/// The names of a folder's *.conf, in order.
std::vector<std::string> names_in(const char* path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr)
    if (const std::string name = entry->d_name; name.ends_with(".conf")) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<std::vector<std::string>> repositories_of(std::string_view short_name,
                                                 const std::vector<RegistriesFile>& files) {
  Found found;
  for (const RegistriesFile& file : files) TRY_VOID(read_into(file, short_name, found));
  if (found.alias && !found.alias->empty()) return std::vector{*found.alias};
  if (found.search.empty()) found.search = {"docker.io"};
  std::vector<std::string> repositories;
  for (const std::string& registry : found.search) repositories.push_back(in_registry(registry, short_name));
  return repositories;
}

Result<std::vector<std::string>> registries_of(std::string_view repository, const std::vector<RegistriesFile>& files) {
  RegistryTable best;
  for (const RegistriesFile& file : files) {
    const toml::table table = TRY(parse(file));
    const toml::array* registries = table["registry"].as_array();
    if (registries == nullptr) continue;
    for (const toml::node& node : *registries) {
      if (node.as_table() == nullptr) continue;
      RegistryTable each = read_registry(*node.as_table());
      if (is_prefix(each.prefix, repository) && each.prefix.size() >= best.prefix.size()) best = std::move(each);
    }
  }
  std::vector<std::string> found{registry_of(repository)};
  for (std::string& registry : best.registries)
    if (!registry.empty() && std::ranges::find(found, registry) == found.end()) found.push_back(std::move(registry));
  return found;
}

Result<std::vector<RegistriesFile>> read_registries_files() {
  std::vector<std::string> paths{main_file};
  for (const std::string& name : names_in(more_files)) paths.push_back(std::string(more_files) + "/" + name);
  std::vector<RegistriesFile> files;
  for (std::string& path : paths) {
    if (::access(path.c_str(), F_OK) < 0) continue;
    std::string text = TRY(ns::read_file(path));
    files.push_back({std::move(path), std::move(text)});
  }
  return files;
}

}  // namespace podrun::puller
