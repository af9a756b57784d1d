// Reasons of failed steps, in the words of the manifest. Each is a clause without a full stop; "" if the step and the
// system's error say all that is known.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pod/failure/program_facts.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

std::string reason_of(const FileStep& step, const Error& error);
std::string reason_of(const MemoryStep& step, int error);
std::string reason_of(const SandboxStep& step, int error);
std::string reason_of(const NetworkStep& step, const NetworkPlan& network, int error);
std::string reason_of(const HostStep& step, const ContainerPlan& plan, const Error& error);
std::string reason_of(const ContainerPlan& plan, std::size_t child_step, int error);

/// Why the program of the last step could not be executed.
std::string program_reason(const ContainerPlan& plan, const step::Exec& exec, int error, const ProgramFacts& program);

/// A lack of rights, memory, processes, namespaces or mounts on the host, whatever the manifest says.
std::string host_reason(int error);
/// Why something cannot be made or written at a path on the host.
std::string disk_reason(std::string_view path, int error);

/// The name of the volume, or of the file of the pod, that has a slot.
std::string volume_of(const ContainerPlan& plan, Slot slot);
/// The source of that volume, "hostPath /srv"; "" if the slot is no tree of the host.
std::string label_of(const ContainerPlan& plan, Slot slot);
/// The volume mount that contains a path of the container when the step is taken; nullptr if there is none.
const step::AttachTree* volume_around(const ContainerPlan& plan, std::size_t child_step, std::string_view path);

}  // namespace podrun::pod
