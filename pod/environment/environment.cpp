// Evaluates env and envFrom.
#include "pod/environment/environment.hpp"

#include <utility>

#include <fmt/format.h>

#include "pod/environment/downward.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

/// The value of a variable, and its printable form.
struct VariableValue {
  std::string text, shown;
};

class VariableResolver {
 public:
  VariableResolver(const Pod& pod, const Container& container, std::string_view uid, const HostFacts& facts,
                   const EnvFiles& files, const Addresses& addresses)
      : pod_(pod), container_(container), uid_(uid), facts_(facts), files_(files), addresses_(addresses) {}

  Result<DeclaredVariables> take() && {
    for (const EnvFrom& from : container_.env_from)
      TRY_VOID(std::visit([&](const auto& reference) { return add_all(from.prefix, reference); }, from.source));
    for (std::size_t i = 0; i < container_.env.size(); ++i) {
      const auto& [name, from] = container_.env[i];
      auto found = std::visit([&name, this](const auto& source) { return value_of(name, source); }, from);
      if (!found) return fail_at(fmt::format("env[{}]", i), std::move(found.error().message));
      if (*found) set(name, *std::move(*found));
    }
    return std::move(made_);
  }

 private:
  void set(const std::string& name, VariableValue found) {
    if (!made_.values.contains(name)) made_.names.push_back(name);
    made_.values.insert_or_assign(name, std::move(found.text));
    made_.shown.insert_or_assign(name, std::move(found.shown));
  }

  std::unexpected<Error> missing(std::string_view field, std::string what) const {
    return fail_at(std::string(field.substr(0, field.find(' '))),
                   fmt::format("container {}: {}: {}", container_.name, field, what));
  }

  const ConfigMap* object(const ConfigMapRef& reference) const { return pod_.objects.config_map(reference.name); }
  const Secret* object(const SecretRef& reference) const { return pod_.objects.secret(reference.name); }
  static std::string_view kind(const ConfigMap*) { return "ConfigMap"; }
  static std::string_view kind(const Secret*) { return "Secret"; }
  static bool is_binary(const ConfigMap& map, const std::string& key) { return map.binary_keys.contains(key); }
  static bool is_binary(const Secret& /*secret*/, const std::string& /*key*/) { return false; }
  static std::string shown(const ConfigMap& /*map*/, const std::string& /*key*/, const std::string& text) {
    return text;
  }
  static std::string shown(const Secret& secret, const std::string& key, const std::string& /*text*/) {
    return fmt::format("<secret {}/{}>", secret.metadata.name, key);
  }

  template <typename Reference>
  Result<> add_all(const std::string& prefix, const Reference& reference) {
    const auto* found = object(reference);
    if (found == nullptr && reference.optional) return {};
    if (found == nullptr)
      return missing("envFrom", fmt::format("there is no {} {}", kind(found), in_quotes(reference.name)));
    for (const auto& [key, text] : found->data)
      if (const std::string name = prefix + key; env_name(name).empty() && !is_binary(*found, key))
        set(name, {text, shown(*found, key, text)});
    return {};
  }

  template <typename Object, typename Reference>
  Result<std::optional<VariableValue>> key_of(const std::string& name, const Object* object,
                                              const Reference& reference) const {
    if (object == nullptr && reference.optional) return std::nullopt;
    if (object == nullptr)
      return missing("env " + name, fmt::format("there is no {} {}", kind(object), in_quotes(reference.name)));
    const auto found = object->data.find(reference.key);
    if (found != object->data.end() && !is_binary(*object, found->first))
      return VariableValue{found->second, shown(*object, found->first, found->second)};
    if (reference.optional) return std::nullopt;
    return missing("env " + name, fmt::format("the {} {} has no key {}", kind(object), in_quotes(reference.name),
                                              in_quotes(reference.key)));
  }

  Result<std::optional<VariableValue>> value_of(const std::string& /*name*/, const std::string& text) const {
    return VariableValue{expand(text, made_.values), expand(text, made_.shown)};
  }
  Result<std::optional<VariableValue>> value_of(const std::string& name, const ConfigMapKeyRef& reference) const {
    return key_of(name, pod_.objects.config_map(reference.name), reference);
  }
  Result<std::optional<VariableValue>> value_of(const std::string& name, const SecretKeyRef& reference) const {
    return key_of(name, pod_.objects.secret(reference.name), reference);
  }
  Result<std::optional<VariableValue>> value_of(const std::string& /*name*/, const FieldRef& reference) const {
    const std::string value = field_value(reference.path, pod_, uid_, facts_, addresses_);
    return VariableValue{value, value};
  }
  Result<std::optional<VariableValue>> value_of(const std::string& /*name*/, const ResourceFieldRef& reference) const {
    const Container* of = &container_;
    for (const Container& other : pod_.spec.containers)
      if (other.name == reference.container_name) of = &other;
    const std::string value = resource_value(reference, *of, pod_, facts_);
    return VariableValue{value, value};
  }
  Result<std::optional<VariableValue>> value_of(const std::string& name, const FileKeyRef& reference) const {
    const std::string shown = name_of_unread(reference);
    const auto file = files_.texts.find({reference.volume_name, reference.path});
    if (files_.container != container_.name || file == files_.texts.end()) return VariableValue{shown, shown};
    const auto fault = [&](std::string_view what) {
      return missing("env " + name, fmt::format("the file {} in the volume {}{}", in_quotes(reference.path),
                                                in_quotes(reference.volume_name), what));
    };
    const auto& text = file->second;
    if (!text) return fault(": " + text.error().message);
    if (!*text) return reference.optional ? Result<std::optional<VariableValue>>(std::nullopt) : fault(" is not there");
    const auto value = find_in_env_file(**text, reference.key);
    if (!value) return fault(": " + value.error().message);
    if (*value) return VariableValue{**value, shown};
    if (reference.optional) return std::nullopt;
    return fault(fmt::format(" has no key {}", in_quotes(reference.key)));
  }

  const Pod& pod_;
  const Container& container_;
  const std::string_view uid_;
  const HostFacts& facts_;
  const EnvFiles& files_;
  const Addresses& addresses_;
  DeclaredVariables made_;
};

}  // namespace

Result<DeclaredVariables> declared_variables(const Pod& pod, const Container& container, std::string_view uid,
                                             const HostFacts& facts, const EnvFiles& files,
                                             const Addresses& addresses) {
  return VariableResolver(pod, container, uid, facts, files, addresses).take();
}

}  // namespace podrun::pod
