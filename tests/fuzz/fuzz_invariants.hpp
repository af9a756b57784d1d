// The invariants of reading any text as manifests, for the fuzzer and for the tests that read its corpus.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pod/compile/compile.hpp"
#include "pod/compile/host_errors.hpp"
#include "pod/manifest/manifests.hpp"
#include "pod/plan/describe.hpp"
#include "pod/plan/verify.hpp"
#include "pod/text/quantity.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod::fuzz {

/// Whether a place is inside the text, just behind the end of a line, or the whole file.
inline bool is_inside(std::string_view text, const Location& at) {
  if (at.line == 0) return at.column == 0;
  for (std::size_t line = 1; line < at.line; ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return false;
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  std::size_t columns = 1;
  for (std::size_t i = 0; i < text.size(); i += code_point_at(text, i).size) ++columns;
  return at.column >= 1 && at.column <= columns;
}

/// A quantity that changes when it is written and read again. Empty if there is none.
inline std::string changed_quantity(const Quantities& quantities) {
  for (const auto& [resource, quantity] : quantities)
    if (const std::string text = to_text(quantity); parse_quantity(text) != quantity)
      return resource + ": " + text;
  return {};
}

inline std::string changed_quantity(const Pod& pod) {
  std::vector<const Quantities*> all{&pod.spec.overhead, &pod.spec.resources.limits,
                                     &pod.spec.resources.requests};
  for (const Container& container : pod.spec.containers) {
    all.push_back(&container.resources.limits);
    all.push_back(&container.resources.requests);
  }
  for (const Quantities* quantities : all)
    if (std::string changed = changed_quantity(*quantities); !changed.empty()) return changed;
  return {};
}

/// The plan of a pod on a host that has every image, as JSON, or the error. If the plan breaks an invariant, that is
/// written to BROKEN.
inline std::string plan_text(const Pod& pod, std::string& broken) {
  Images images;
  for (const std::string& reference : image_references(pod))
    images.emplace(
        reference,
        Image{.reference = reference,
              .rootfs = "/images/rootfs",
              .config = {.entrypoint = {}, .cmd = {"/bin/sh"}, .env = {}, .working_dir = "", .user = ""},
              .passwd = "root:x:0:0:root:/root:/bin/sh\n",
              .group = "root:x:0:\n"});
  const auto plan = compile(pod, images, HostFacts{}, {.uid = "0c5a", .storage = "/storage"});
  if (!plan) return plan.error().message;
  if (const auto verified = verify(*plan); !verified)
    broken = "the plan breaks a law: " + verified.error().message;
  return to_text(*plan) + to_json(*plan);
}

/// All results of reading TEXT, as text. If an invariant is broken, that is written to BROKEN.
inline std::string outcome(const std::string& text, Leniency leniency, std::string& broken) {
  const Manifests manifests = read_manifests({{"f", text}}, {.leniency = leniency});
  const std::vector<Diagnostic>& diagnostics = manifests.diagnostics.at(0);
  for (const Diagnostic& diagnostic : diagnostics)
    if (!is_inside(text, diagnostic.at))
      broken = fmt::format("{}:{} is outside of the text: {}", diagnostic.at.line, diagnostic.at.column,
                           diagnostic.message);
  std::string out = diagnostics.empty() ? "" : render(diagnostics, "f", text);
  const auto drives_terminal = [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 0x7F; };
  if (std::ranges::any_of(out, drives_terminal)) broken = "a message drives the terminal: " + out;
  for (const ParsedPod& each : manifests.pods)
    for (const Error& error : host_errors(each.pod, {}, HostFacts{}, {.uid = "0c5a", .storage = "/storage"}))
      if (each.places.at(error.field) > text.size()) broken = "an error is outside of the text: " + error.message;
  if (!has_no_errors(manifests)) return out;
  for (const auto& [pod, source, places] : manifests.pods) {
    if (const std::string changed = changed_quantity(pod); !changed.empty())
      broken = "a quantity has changed: " + changed;
    out += plan_text(pod, broken);
  }
  return out;
}

/// The first invariant that TEXT breaks, empty if it breaks none: every place lies inside the text, no message contains
/// control characters, a plan obeys its invariants, and reading again has the same result. (Crashes and exceptions are
/// left to the caller.)
inline std::string broken_promise(const std::string& text) {
  std::string broken;
  for (const Leniency leniency : {Leniency::Strict, Leniency::Lenient}) {
    const std::string first = outcome(text, leniency, broken);
    if (broken.empty() && outcome(text, leniency, broken) != first)
      broken = "reading again leads to something else";
    if (!broken.empty()) break;
  }
  return broken;
}

}  // namespace podrun::pod::fuzz
