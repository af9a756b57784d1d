// The names of the members of plans, images, host facts, and of what is stored of them.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/stored/field_names.hpp"
#include "pod/stored/network_names.hpp"
#include "pod/stored/stored.hpp"

namespace podrun::pod::stored {

// clang-format off
template <> inline constexpr auto field_names<RedactedText> = fields("text", "secret");
template <> inline constexpr auto field_names<NamespaceSource> = fields("owner", "container");
template <> inline constexpr auto field_names<BackoffTimes> = fields("initial", "max", "reset");
template <> inline constexpr auto field_names<ResourceLimit> = fields("resource", "soft", "hard");
template <> inline constexpr auto field_names<SeccompArgument> = fields("index", "comparison", "value", "valueTwo");
template <> inline constexpr auto field_names<SeccompRule> =
    fields("names", "action", "error", "arguments", "direct");
template <> inline constexpr auto field_names<SeccompFilter> =
    fields("defaultAction", "defaultError", "architectures", "rules");
template <> inline constexpr auto field_names<SeccompDenials> =
    fields("machine", "entering", "userNamespaces", "siblings");

template <> inline constexpr auto field_names<ContainerPlan> =
    fields("name", since("role", 2), since("restartPolicy", 2), since("restartPolicyRules", 2), since("probes", 3),
           since("lifecycle", 3), since("stopSignal", 3), "image", since("imageID", 5), since("awaitsImage", 5),
           "namespaces", "remarks", "pidNamespaceOf", "descriptors", "terminationMessagePolicy", "host", "child");
template <> inline constexpr auto field_names<PodPlan> =
    fields("id", "name", "uid", "restartPolicy", "terminationGracePeriodSeconds",
           since("activeDeadlineSeconds", 2), "backoff", "storage", "files",
           "sandbox", "memory", since("networks", 4), not_stored /* the containers, whose plans are revisions */);

template <> inline constexpr auto field_names<ImageConfig> =
    fields("Entrypoint", "Cmd", "Env", "WorkingDir", "User", since("StopSignal", 3), since("Volumes", 5));
template <> inline constexpr auto field_names<Image> = 
    fields("reference", "rootfs", "config", "passwd", "group", since("layers", 5), since("id", 5),
           since("userXattr", 5));
template <> inline constexpr auto field_names<HostFacts> =
    fields("kernel", "machine", "kernelIsNewEnough", "root", "cgroups", "cgroup2Mount", "ownCgroup", "delegated",
           "overlayOnStorage", "capabilities", "lastCapability", "hardLimits", "mostOpenFiles", "mostThreads",
           "sensitivePaths", "addresses", "processors", "memory", "storageBytes", "seccompProfiles", "hostname",
           "hosts", "resolvConf", since("network", 4));

template <> inline constexpr auto field_names<StoredPod> = fields("pod", "plan");
template <> inline constexpr auto field_names<StoredRevision> = fields("pod", "number", "plan");
template <> inline constexpr auto field_names<StoredInputs> =
    fields("images", "facts", "uid", "storage", "claims", "configMaps", "secrets");
// clang-format on

}  // namespace podrun::pod::stored
