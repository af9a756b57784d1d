// Compiles the standard streams of a container.
#include "pod/compile/compile_streams.hpp"

namespace podrun::pod {
namespace {

Streams terminal(const Container& container, const Identity& identity, std::vector<ChildStep>& view,
                 Descriptors& descriptors) {
  const host::Terminal made{.devpts = descriptors.add("devpts"),
                            .to = descriptors.add("terminal"),
                            .uid = identity.uid,
                            .input = container.standard_input};
  for (ChildStep& step : view)
    if (const auto* pts = std::get_if<step::MountPts>(&step))
      step = step::AttachTree{.root = pts->root, .tree = made.devpts, .path = pts->path};
  return {.host = {made}, .child = {step::ConnectTerminal{.terminal = made.to}}};
}

}  // namespace

Streams compile_streams(const Container& container, const Identity& identity, std::vector<ChildStep>& view,
                        Descriptors& descriptors) {
  if (container.tty) return terminal(container, identity, view, descriptors);
  const host::Stdio stdio{.out = descriptors.add("stdout"),
                          .err = descriptors.add("stderr"),
                          .uid = identity.uid,
                          .gid = identity.gid};
  Streams streams{.host = {stdio}, .child = {step::ConnectStdio{.out = stdio.out, .err = stdio.err}}};
  if (!container.standard_input) return streams;
  const host::Input input{.to = descriptors.add("stdin"),
                          .uid = identity.uid,
                          .gid = identity.gid,
                          .once = container.standard_input_once};
  streams.host.emplace_back(input);
  streams.child.emplace_back(step::ConnectInput{.in = input.to});
  return streams;
}

AttachableStreams attachable_streams(const ContainerPlan& plan) {
  AttachableStreams streams;
  for (const HostStep& step : plan.host) {
    if (const auto* input = std::get_if<host::Input>(&step))
      streams.input = input->once ? AttachableStreams::Input::Once : AttachableStreams::Input::Open;
    if (const auto* terminal = std::get_if<host::Terminal>(&step))
      streams = {.input = terminal->input ? AttachableStreams::Input::Open : AttachableStreams::Input::None,
                 .terminal = true};
  }
  return streams;
}

}  // namespace podrun::pod
